import { json, type Router } from 'express';
import { submitBody } from '../api/sweeps.js';
import type { SweepControl } from './control.js';
import { HttpError } from './http-error.js';
import { sameOrigin } from './security.js';

/** `POST /sweeps`: hands in a sweep, where the coordinator stays and takes them. */
export function submitRoute(router: Router, control: SweepControl | undefined): void {
  router.post('/sweeps', sameOrigin, json({ limit: '4mb' }), async (request, response) => {
    // A form of another site can't send this type without asking first.
    if (!request.is('application/json'))
      throw new HttpError(415, 'send application/json, e.g. {"source":"name: ..."}');
    const body = submitBody.parse(request.body);
    if (!control?.submit)
      throw new HttpError(409, 'no sweeps are taken here: `coordinator serve` takes them');
    const answer = await control.submit(body, 'HTTP');
    response.status(answer.state === 'begins' ? 201 : 200).json(answer);
  });
}
