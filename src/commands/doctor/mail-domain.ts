import { Resolver } from 'node:dns/promises'
import type { Findings } from './findings.ts'

const DNS_MS = 2000

/** Reads the TXT records of a name. @throws an error with the code of the resolver */
export type LookUpText = (name: string) => Promise<readonly string[]>

/** Reads the TXT records of a name by DNS. */
export async function lookUpText(name: string): Promise<string[]> {
  const records = await new Resolver({ timeout: DNS_MS, tries: 1 }).resolveTxt(name)
  return records.map((parts) => parts.join(''))
}

/** Looks for the records by which receivers believe mail of a domain: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). */
export async function examineDomain(lookUpText: LookUpText, found: Findings, domain: string): Promise<void> {
  const look = async (name: string): Promise<readonly string[] | 'absent' | 'empty' | 'unknown'> => {
    try {
      return await lookUpText(name)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code === 'ENOTFOUND' ? 'absent' : code === 'ENODATA' ? 'empty' : 'unknown'
    }
  }
  const has = (records: readonly string[] | string, start: string) =>
    Array.isArray(records) && records.some((record) => record.toLowerCase().startsWith(start))
  const [own, keys, policy] = await Promise.all([
    look(domain),
    look(`_domainkey.${domain}`),
    look(`_dmarc.${domain}`),
  ])
  for (const [code, answer, isThere] of [
    ['spf', own, has(own, 'v=spf1')],
    // The names of its keys are not known, but a name with nothing below does not exist (RFC 8020).
    ['dkim', keys, keys !== 'absent'],
    ['dmarc', policy, has(policy, 'v=dmarc1')],
  ] as const) {
    if (answer === 'unknown') found.add('ok', `${code}_unknown`, { domain })
    else if (isThere) found.add('ok', code, { domain })
    else found.add('warning', `${code}_missing`, { domain })
  }
}
