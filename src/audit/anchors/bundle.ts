import { createHash } from 'node:crypto'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { eachAnchor, formatAnchor } from './anchors.ts'

/** Entries read in one transaction. */
const PAGE = 500

/**
 * Yields the audit log of a scheme as lines of JSON: a header, each entry with its hashes, each anchor, and last the signature
 * of all lines before. scripts/verify-audit-bundle.mjs verifies it without a database. Reasons, which may name people, and
 * networks are left out; the digests of them are there.
 * @param schemeId '' for the log of the installation
 * @param marks what the header also says of the scheme
 * @throws AppError `unknown_scheme` when there is no such log
 */
export async function* exportBundle(
  deps: Pick<Deps, 'db' | 'now' | 'auditKeys'>,
  schemeId: string,
  marks: { readonly decidedAlone?: object | undefined } = {},
): AsyncGenerator<string> {
  const { current } = deps.auditKeys
  const head = await deps.db
    .selectFrom('auditHeads')
    .select(['seq', 'hash'])
    .where('schemeId', '=', schemeId)
    .executeTakeFirst()
  if (head === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const all = createHash('sha256')
  const line = (value: object | string) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    all.update(`${text}\n`)
    return text
  }
  const at = deps.now().toISOString()
  const key = current?.publicKey ?? null
  yield line({
    format: 'tocsin-audit-1',
    scheme: schemeId,
    at,
    entries: head.seq,
    hash: head.hash,
    key,
    ...marks,
  })
  for (let after = 0; after < head.seq; ) {
    const from = after
    const page = await acrossSchemes(deps.db, (tx) =>
      tx
        .selectFrom('auditEntries')
        .select([
          'seq',
          'at',
          'actor',
          'action',
          'subject',
          'details',
          'reasonDigest',
          'networkDigest',
          'prevHash',
          'hash',
        ])
        .where('schemeId', '=', schemeId)
        .where('seq', '>', from)
        .where('seq', '<=', head.seq)
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    )
    if (page.length === 0) break
    for (const entry of page) yield line({ ...entry, at: entry.at.toISOString() })
    after = page.at(-1)?.seq ?? head.seq
  }
  for await (const anchor of eachAnchor(deps.db)) yield line(formatAnchor(anchor))
  const sha256 = all.digest('hex')
  yield JSON.stringify({ sha256, keyId: current?.id ?? null, signature: current?.sign(sha256) ?? null })
}
