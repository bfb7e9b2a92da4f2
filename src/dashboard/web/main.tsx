import { render } from 'preact';
import { App } from './app.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/list.css';
import './styles/sweep.css';
import './styles/tables.css';
import './styles/dialogs.css';
import './styles/views.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
