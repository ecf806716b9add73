import { expect, it } from 'vitest';
import { repeatedKey } from './repeated-key.ts';

it('finds a key that stands twice in one object, wherever that is', () => {
  expect(repeatedKey('{ "a": 1, "b": { "a": 2 }, "c": [{ "a": 3 }, { "a": 4 }] }')).toBeUndefined();
  expect(repeatedKey('{ "a": 1, "b": 2, "a": 3 }')).toBe('a');
  expect(repeatedKey('{ "suites": { "x": {}, "y": { "files": ["{"] }, "x": {} } }')).toBe('suites.x');
  expect(repeatedKey('{ "a": "\\"a\\": {", "b": "a" }')).toBeUndefined();
  expect(repeatedKey('{ "a": 1, "\\u0061": 2 }')).toBe('a');
});
