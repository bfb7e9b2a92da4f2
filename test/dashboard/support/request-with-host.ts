import { get } from 'node:http';

/** `fetch` does not let one set the Host header; a page whose name was pointed here does. */
export function requestWithHost(url: string, host: string): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    get(new URL('/api/v1/sweeps', url), { headers: { host } }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode }));
    }).on('error', reject);
  });
}
