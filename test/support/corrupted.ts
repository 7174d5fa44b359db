import fc from 'fast-check'

const encoder = new TextEncoder()

/** Fragments that break parsers: truncated syntax, other encodings, unusual code points. */
const SHARDS = [
  '"',
  '""',
  "'",
  '\n',
  '\r\n',
  '\r',
  ';',
  ',',
  '\t',
  '\0',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '-',
  '1e999',
  '-0',
  'null',
  'true',
  '__proto__',
  'constructor',
  '\ufeff',
  '\u202e',
  '\u00a0',
  '=cmd()',
  '9'.repeat(400),
  'é'.repeat(200),
  '['.repeat(500),
  '{"a":'.repeat(200),
].map((text) => encoder.encode(text))
const STRAY = [[0xff], [0xfe, 0xff], [0xc3], [0xed, 0xa0, 0x80], [0x1b]].map((bytes) =>
  Uint8Array.from(bytes),
)

const edit = fc.record({
  at: fc.nat(),
  drop: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(400) }),
  put: fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(...SHARDS, ...STRAY)),
})

/** Generates valid bytes with pieces removed or inserted, or random bytes. */
export function corrupted(...good: readonly (string | Uint8Array)[]): fc.Arbitrary<Uint8Array> {
  const bases = good.map((one) => (typeof one === 'string' ? encoder.encode(one) : one))
  const cut = fc.tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: 6 })).map(([base, edits]) => {
    let bytes = base
    for (const { at, drop, put } of edits) {
      const from = at % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + drop)])
    }
    return bytes
  })
  return fc.oneof({ weight: 6, arbitrary: cut }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) })
}

/** Values that a schema must handle. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\u202e',
    'x'.repeat(5000),
    '9'.repeat(40),
    '__proto__',
    '00000000-0000-7000-8000-000000000001',
    '2026-02-30T25:00:00Z',
    '275760-09-13T00:00:00.000Z',
    '0001-01-01T00:00:00Z',
    -1,
    0,
    0.1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 31,
    null,
    true,
    [],
    {},
    Array(200).fill({ kind: 'commune', code: '63178' }),
  ),
)

/** Generates a valid JSON value with some nodes replaced or removed. */
export function misshapen(good: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({ node: fc.nat(), by: fc.option(odd, { nil: undefined, freq: 5 }) })
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let value: unknown = structuredClone(good)
    for (const { node, by } of changes) value = withNode(value, node, by)
    return value
  })
}

/** Replaces the node at `index` in reading order by `by`; undefined removes it from its object. */
function withNode(value: unknown, index: number, by: unknown): unknown {
  const places: { holder: Record<string, unknown>; key: string }[] = []
  const whole = { '': value }
  const visit = (holder: object): void => {
    for (const key of Object.keys(holder)) {
      const within = holder as Record<string, unknown>
      places.push({ holder: within, key })
      const inner = within[key]
      if (typeof inner === 'object' && inner !== null && places.length < 1000) visit(inner)
    }
  }
  visit(whole)
  const { holder, key } = places[index % places.length] as { holder: Record<string, unknown>; key: string }
  if (by === undefined && !Array.isArray(holder)) delete holder[key]
  else holder[key] = structuredClone(by ?? null)
  return whole['']
}
