// What scenarios are judged by.

import assert from 'node:assert/strict';

export function textOf(result) {
  assert.ok(!result.isError, `isError: ${JSON.stringify(result.content)}`);
  assert.equal(result.content.length, 1);
  return result.content[0].text;
}

/** The JSON-RPC error code with which the server refused. */
export const codeOf = (promise) =>
  promise.then((result) => assert.fail(`no error but ${JSON.stringify(result)}`), (error) => error.code);

/** `promise`, or a rejection after `ms`. */
export function within(ms, promise) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(reject, ms, new Error(`nothing within ${ms} ms`)); });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
