import { count } from '../policy/params.ts';

/** A parameter of policies that decide in one place, as ghOSt's centralized agents have it. */
export const GLOBAL_CPU = count(
  'A CPU that is left to the agent: only tasks that may use no other run there. -1: none',
  { default: -1, min: -1, max: 4095 },
);
