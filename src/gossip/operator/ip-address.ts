/**
 * IP addresses as CLUSTER MEET takes them: numbers only, and one spelling for each, so that an address can be compared.
 *
 *   127.0.0.1 → 127.0.0.1      0:0:0::1 → ::1      ::ffff:10.0.0.1 → ::ffff:10.0.0.1      example.org → null
 */

const V6_GROUPS = 8;

export function normalIp(text: string): string | null {
  if (!text.includes(':')) return parseV4(text) === null ? null : text;
  const groups = parseV6(text);
  return groups === null ? null : formatV6(groups);
}

/** Four numbers up to 255, without leading zeros: those would be octal to some. */
function parseV4(text: string): number[] | null {
  const parts = text.split('.').map(parseOctet);
  return parts.length === 4 && parts.every((part) => part !== null) ? parts : null;
}

function parseOctet(text: string): number | null {
  if (text.length === 0 || text.length > 3 || (text.length > 1 && text[0] === '0')) return null;
  for (const letter of text) if (letter < '0' || letter > '9') return null;
  return Number(text) <= 255 ? Number(text) : null;
}

/** `::` stands, once, for as many zero groups as are missing. */
function parseV6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!);
  const tail = halves.length === 2 ? parseGroups(halves[1]!) : [];
  if (head === null || tail === null) return null;
  const missing = V6_GROUPS - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : null;
  return missing < 1 ? null : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 && part.includes('.') ? parseV4(part) : null;
    if (v4) groups.push(v4[0]! * 256 + v4[1]!, v4[2]! * 256 + v4[3]!);
    else if (isHexGroup(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function isHexGroup(text: string): boolean {
  if (text.length < 1 || text.length > 4) return false;
  for (const letter of text.toLowerCase()) {
    if (!((letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'))) return false;
  }
  return true;
}

/** The longest run of zero groups becomes `::`; addresses that embed an IPv4 one show it. */
function formatV6(groups: number[]): string {
  const [from, to] = longestZeroRun(groups);
  const embedsV4 = from === 0 && (to === 6 || (to === 5 && groups[5] === 0xffff));
  const shown = embedsV4 ? groups.slice(0, 6) : groups;
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  let text = to - from > 1 ? `${hex(shown.slice(0, from))}::${hex(shown.slice(to))}` : hex(shown);
  if (embedsV4) {
    if (!text.endsWith(':')) text += ':';
    text += [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.');
  }
  return text;
}

/** The first of the longest ones: [start, end). */
function longestZeroRun(groups: number[]): [number, number] {
  let best: [number, number] = [0, 0];
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (to < groups.length && groups[to] === 0) to++;
    if (to - from > best[1] - best[0]) best = [from, to];
    from = Math.max(from, to - 1);
  }
  return best;
}
