import type { Mutation } from './simulation.ts'

/** Replaces a piece of all statements that have it. */
const inSql = (from: string, to: string): Mutation => ({ sql: (text) => text.replaceAll(from, to) })

interface Broken {
  /** Beginning of the problem that the checks have to find. */
  readonly promise: string
  readonly mutation: Mutation
  /** A seed that has found it, which is tried first; only a rule that has one is tried by `npm test`. */
  readonly seed?: number
}

/**
 * Rules that are broken on purpose, by the promise that has to find each: a simulation that finds nothing wrong with them
 * would prove nothing.
 */
export const MUTATIONS: Readonly<Record<string, Broken>> = {
  'what a crashed process had claimed is forgotten': {
    promise: 'L1',
    mutation: inSql('and not exists (select from workers w where w.id = c.worker_id)', 'and false'),
  },
  'what a crashed process had claimed is sent again at once, unmarked': {
    promise: 'L1',
    mutation: inSql("set state = 'in_doubt', in_doubt_at = ", "set state = 'planned', in_doubt_at = "),
  },
  'a second sending is not marked as a possible duplicate': {
    seed: 3,
    promise: 'L1',
    mutation: inSql("set state = 'planned', possible_duplicate = true", "set state = 'planned'"),
  },
  'a receipt does not count in the figures': {
    promise: 'L1',
    mutation: inSql('delivered = b.delivered + c.delivered,', ''),
  },
  'a message in doubt is sent again without waiting for its receipt': {
    promise: 'L2',
    mutation: inSql(
      '- make_interval(secs => w.seconds) and not',
      '- make_interval(secs => 0 * w.seconds) and not',
    ),
  },
  'a provider is looked at every ten seconds, and not ten times a second': {
    promise: 'L4',
    mutation: { interval: (ms) => (ms === 100 ? 10_000 : ms) },
  },
  'a number fails although only its answer is missing': {
    seed: 2,
    promise: 'L4 failed',
    mutation: inSql("set state = 'in_doubt'", "set state = 'failed'"),
  },
  'what a worker that was killed had claimed is sent by another at once, unmarked': {
    promise: 'L6',
    mutation: inSql("set state = 'in_doubt', in_doubt_at = ", "set state = 'planned', in_doubt_at = "),
  },
  'a message in doubt is sent again after the stop': {
    promise: 'L7',
    mutation: inSql("b.state in ('running', 'settling')", "b.state in ('running', 'settling', 'stopped')"),
  },
  'the kind of route is taken the wrong way round': {
    seed: 1,
    promise: 'L8',
    mutation: inSql(
      'select id, scheme_id, alert_id, simulated,',
      'select id, scheme_id, alert_id, not simulated as simulated,',
    ),
  },
  'a message goes to a phone outside the audience': {
    seed: 1,
    promise: 'L1 sent without being planned',
    mutation: inSql(
      "string_agg(d.phone, ' ' order by d.no)",
      "string_agg(case d.no when 3 then '+33699999999' else d.phone end, ' ' order by d.no)",
    ),
  },
  'a phone whose memory is full is tried again and again': {
    promise: 'L1 tried again more than once',
    mutation: inSql("and a.no = d.no and a.outcome = 'memory_full')", 'and false)'),
  },
  'a phone whose memory was full is tried again after the stop': {
    promise: 'L7',
    mutation: inSql("b.alert_id is not null and b.state <> 'stopped'", 'b.alert_id is not null'),
  },
  'a phone that left stays among the recipients': {
    promise: 'L9',
    mutation: inSql('and c.mobile = d.phone and c.sms', 'and c.mobile = d.phone'),
  },
}
