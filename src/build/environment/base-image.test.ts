import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baseReferences, debianSuite, replaceBases } from './base-image.ts';
import { DEFAULT_IMAGE, followSteps } from './docker-image.ts';

test.each([
  ['debian:trixie-slim', 'trixie'],
  ['debian:bullseye', 'bullseye'],
  ['docker.io/library/debian:12-slim', 'bookworm'],
  ['debian:99', undefined],
  ['debian', undefined],
  ['ubuntu:24.04', undefined],
  ['registry.example/debian:trixie', undefined],
  ['debian:trixie@sha256:00', undefined],
])('mmdebstrap stands for %s: %s', (reference, suite) => {
  expect(debianSuite(reference)).toBe(suite);
});

const dockerfile = `# FROM commented:1
FROM debian:trixie-slim AS first
RUN echo FROM nothing:1
from --platform=linux/amd64 Debian:odd
FROM first
FROM $VARIABLE
FROM scratch
`;

test('the bases of a Dockerfile are found, its own stages are not', () => {
  expect(baseReferences(dockerfile)).toEqual(['debian:trixie-slim', 'Debian:odd']);
  expect(baseReferences(readFileSync(join(DEFAULT_IMAGE, 'Dockerfile'), 'utf8'))).toEqual([
    'debian:trixie-slim',
  ]);
});

test('a base is replaced where it is one and nowhere else', () => {
  const text = replaceBases(
    dockerfile,
    new Map([['debian:trixie-slim', 'localhost/devbox-debian-trixie:latest']]),
  );
  expect(text).toBe(dockerfile.replace('debian:trixie-slim AS', 'localhost/devbox-debian-trixie:latest AS'));
});

test('the step that is at work is known', () => {
  const progress: string[] = [];
  const steps = followSteps((detail) => progress.push(detail));
  steps.add('Step 1/2 : FROM x\n');
  steps.add(' ---> 00\nStep 2/2 : RUN make\n');
  steps.add('Step one of many\n');
  expect(steps.current()).toBe('Step 2/2 : RUN make');
  steps.add('STEP 1/1: RUN podman\n');
  expect(progress).toEqual(['Step 1/2: FROM x', 'Step 2/2: RUN make', 'Step 1/1: RUN podman']);
});
