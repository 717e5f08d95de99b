/**
 * Whether a password is right, in a time that says nothing about how much of it is.
 *
 * There is one user, `default`.
 */

/** latin1 texts; `expected` is '' where there is no password. */
export function isRightPassword(expected: string, user: string, password: string): boolean {
  let difference = user === 'default' ? 0 : 1;
  if (expected === '') return difference === 0;
  difference |= expected.length ^ password.length;
  for (let i = 0; i < password.length; i++)
    difference |= password.charCodeAt(i) ^ expected.charCodeAt(i % expected.length);
  return difference === 0;
}
