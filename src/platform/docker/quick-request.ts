import { type Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { sshAgent } from './dial-ssh.ts';
import type { DockerEndpoint } from './endpoint.ts';

export interface QuickAnswer {
  readonly status: number;
  readonly body: string;
}

/** Longest answer that is read, bytes. */
const LIMIT = 2 ** 22;

/**
 * One GET to a daemon, without loading a client for it: answers whether a daemon is there and what it has in
 * milliseconds. Rejects with the system's or TLS's error when nobody answers in time.
 */
export function quickGet(endpoint: DockerEndpoint, path: string, signal: AbortSignal): Promise<QuickAnswer> {
  return new Promise((resolve, reject) => {
    const { agent, ...options } = requestOptions(endpoint);
    const send = endpoint.kind === 'tcp' && endpoint.tls ? tlsRequest : request;
    const end = () => agent?.destroy();
    const asked = send(
      { ...options, ...(agent ? { agent } : { agent: false }), path, signal },
      (response) => {
        readBody(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
        response.once('close', end);
      },
    );
    asked.on('error', (error) => {
      end();
      reject(error);
    });
    asked.end();
  });
}

function requestOptions(endpoint: DockerEndpoint): RequestOptions & { agent?: Agent } {
  switch (endpoint.kind) {
    case 'unix':
      return { socketPath: endpoint.socketPath };
    case 'tcp': {
      const { verify, ...pem } = endpoint.tls ?? { verify: false };
      return {
        host: endpoint.host,
        port: endpoint.port,
        ...pem,
        ...(endpoint.tls && { rejectUnauthorized: verify }),
      };
    }
    case 'ssh':
      return { host: 'docker', agent: sshAgent(endpoint) };
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    body += chunk as string;
    if (body.length > LIMIT) throw new Error('the answer is too long');
  }
  return body;
}
