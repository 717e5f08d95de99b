/**
 * Libraries for tests: good ones, and first lines of all kinds with what redis-server 7.0.15 says of them.
 */

/** With a function of its own name, so that redis-server takes any number of them. */
export function libraryOf(name: string, answer = 'x'): Buffer {
  return Buffer.from(`#!lua name=${name}\nredis.register_function('f_${name}', function() return '${answer}' end)`);
}

const F = "\nredis.register_function('f', function() return 1 end)";
const NAME_FORM =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';

/** The code, as latin1, and the name or the error of FUNCTION LOAD. */
// biome-ignore format: a table
export const FIRST_LINES: readonly (readonly [code: string, expected: string])[] = [
  [`#!lua name=mylib${F}`,                   '+mylib'],
  [`#!LUA NAME=My_Lib1${F}`,                 '+My_Lib1'],
  [`#!lua   name=mylib  ${F}`,               '+mylib'],
  [`#!lua\tname=mylib\r${F}`,                '+mylib'],
  [`#!"lua" 'name=a'${F}`,                   '+a'],
  [`#!lua "name=\\x61b"${F}`,                '+ab'],
  [`#!lua name='a'${F}`,                     '+a'],
  [`#!lua name="a"b${F}`,                    '-Invalid library metadata'],
  [`#!lua name=\n${F}`,                      `-${NAME_FORM}`],
  [`#!lua name=a-b${F}`,                     `-${NAME_FORM}`],
  [`#!lua name=a.b${F}`,                     `-${NAME_FORM}`],
  [`#!lua name=\xe4${F}`,                    `-${NAME_FORM}`],
  [`#!lua name=[${F}`,                       `-${NAME_FORM}`],
  [`#!lua name=a name=b${F}`,                '-Invalid metadata value, name argument was given multiple times'],
  [`#!lua name=a desc=b${F}`,                '-Invalid metadata value given: desc=b'],
  [`#!lua mylib${F}`,                        '-Invalid metadata value given: mylib'],
  [`#!lua${F}`,                              '-Library name was not given'],
  [`#!js name=a${F}`,                        "-Engine 'js' not found"],
  [`#! name=a${F}`,                          "-Engine '' not found"],
  [`#!js name=a-b${F}`,                      `-${NAME_FORM}`],
  ['#!lua name=a',                           '-Invalid library metadata'],
  [`#!lua name=a\0b${F}`,                    '-Invalid library metadata'],
  ['',                                       '-Missing library metadata'],
  ['#',                                      '-Missing library metadata'],
  [`lua name=a${F}`,                         '-Missing library metadata'],
];
