import { sweepStoreContract } from '../../contract/sweep-store.js';
import { sqlitePlace } from './sqlite-place.js';

sweepStoreContract('SQLite', sqlitePlace);
