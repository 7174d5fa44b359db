import { z } from 'zod'
import {
  type CompanyRegistry,
  FOUND_MAX,
  isInPlace,
  type RegisteredBusiness,
  type RegisterPlace,
  type RegistryAnswer,
} from '../../enrolment/registry.ts'
import { AppError } from '../../errors.ts'
import { readBounded } from '../../platform/http/bounded.ts'
import { nafCodesOf } from '../../schemes/naf/naf.ts'

/** A person is waiting with a phone in hand; without an answer they type the data. */
const TIMEOUT_MS = 4000
const MAX_BYTES = 1024 * 1024
/** Lifetime of a cached answer: a business is looked up when it is searched, and again when it is saved. */
const KNOWN_MS = 10 * 60_000
const MAX_KNOWN = 500
/** Pause after 429 when the service names none. */
const REST_MS = 1000
const MAX_REST_MS = 60_000

const text = z
  .string()
  .nullish()
  // The service puts private data in brackets.
  .transform((value) => (value == null || /^\[.*\]$|^$/.test(value.trim()) ? null : value.trim()))
const Establishment = z.object({
  siret: z.string(),
  etat_administratif: z.string().nullish(),
  activite_principale: text,
  activite_principale_naf25: text,
  adresse: text,
  code_postal: text,
  commune: text,
  latitude: text,
  longitude: text,
  nom_commercial: text,
  liste_enseignes: z.array(z.string()).nullish(),
})
type Establishment = z.infer<typeof Establishment>
const Company = z.object({
  nom_complet: text,
  nom_raison_sociale: text,
  activite_principale: text,
  activite_principale_naf25: text,
  siege: Establishment.nullish(),
  matching_etablissements: z.array(Establishment).nullish(),
})
const Answer = z.object({ results: z.array(Company) })

/**
 * Finds businesses in the State's open search of companies (https://recherche-entreprises.api.gouv.fr/docs: INSEE
 * Sirene, open licence; no key, seven requests per second and address, then 429 with Retry-After).
 * @param baseUrl without the path
 * @param options `timeoutMs`: for a whole response; `nowMs`: a monotonic clock
 */
export function createCompanySearch(
  baseUrl: string,
  options: { readonly timeoutMs?: number; readonly nowMs?: () => number } = {},
): CompanyRegistry {
  const name = new URL(baseUrl).host
  const nowMs = options.nowMs ?? (() => performance.now())
  const known = new Map<string, { readonly untilMs: number; readonly answer: RegistryAnswer }>()
  let restUntilMs = 0

  async function ask(
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<z.infer<typeof Answer>> {
    if (nowMs() < restUntilMs) throw new Error('resting after 429')
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}/search`)
    url.search = String(
      new URLSearchParams({
        page: '1',
        ...parameters,
        minimal: 'true',
        include: 'siege,matching_etablissements',
      }),
    )
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
    const response = await fetch(url, {
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/json' },
    })
    if (!response.ok) {
      await response.body?.cancel()
      if (response.status === 429) restUntilMs = nowMs() + restOf(response.headers.get('retry-after'))
      throw new Error(`HTTP ${response.status}`)
    }
    return Answer.parse(JSON.parse((await readBounded(response, MAX_BYTES)).toString('utf8')))
  }

  function keep(siret: string, answer: RegistryAnswer): void {
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(siret, { untilMs: nowMs() + KNOWN_MS, answer })
  }

  return {
    name,
    async find(siret, signal) {
      const found = known.get(siret)
      if (found !== undefined && found.untilMs > nowMs()) return found.answer
      try {
        const answer = answerOf(siret, await ask({ q: siret, per_page: '5' }, signal))
        keep(siret, answer)
        return answer
      } catch (error) {
        signal?.throwIfAborted()
        throw new AppError('source_unreachable', { values: { source: name }, cause: error })
      }
    },
    async search(words, place, signal) {
      try {
        const parameters = { q: words, per_page: '10', etat_administratif: 'A', ...parametersOf(place) }
        const found = openOf(await ask(parameters, signal), place).slice(0, FOUND_MAX)
        for (const business of found) keep(business.siret, { kind: 'open', business })
        return found
      } catch (error) {
        signal?.throwIfAborted()
        throw new AppError('source_unreachable', { values: { source: name }, cause: error })
      }
    },
  }
}

/** Lists the open establishments of an answer, each once: those that match, or the head office when none is named. */
function openOf({ results }: z.infer<typeof Answer>, place: RegisterPlace): RegisteredBusiness[] {
  const found = new Map<string, RegisteredBusiness>()
  for (const company of results) {
    const matching = company.matching_etablissements ?? []
    for (const one of matching.length > 0 ? matching : [company.siege]) {
      if (one == null || one.etat_administratif === 'F' || found.has(one.siret)) continue
      const business = businessOf(company, one)
      // Owners may keep their name private.
      if (isInPlace(one.commune, place) && business.name !== '') found.set(one.siret, business)
    }
  }
  return [...found.values()]
}

function parametersOf({ departements, commune }: RegisterPlace): Record<string, string> {
  if (commune !== null) return { code_commune: commune }
  return departements.length === 0 ? {} : { departement: departements.join(',') }
}

function answerOf(siret: string, { results }: z.infer<typeof Answer>): RegistryAnswer {
  for (const company of results) {
    const establishments = [...(company.matching_etablissements ?? []), company.siege]
    const found = establishments.find((one) => one?.siret === siret)
    if (found == null) continue
    if (found.etat_administratif === 'F') return { kind: 'closed' }
    return { kind: 'open', business: businessOf(company, found) }
  }
  return { kind: 'unknown' }
}

function businessOf(company: z.infer<typeof Company>, found: Establishment): RegisteredBusiness {
  const sign = found.liste_enseignes?.find((one) => one.trim() !== '')
  const name = sign ?? found.nom_commercial ?? company.nom_raison_sociale ?? company.nom_complet
  const [latitude, longitude] = [Number(found.latitude ?? Number.NaN), Number(found.longitude ?? Number.NaN)]
  const isPlaced = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return {
    siret: found.siret,
    name: (name ?? '').trim().slice(0, 200),
    // The codes of the establishment come last, since they count. From 2027 the first field may be of NAF 2025.
    ...nafCodesOf(
      ...[company.activite_principale, company.activite_principale_naf25],
      ...[found.activite_principale, found.activite_principale_naf25],
    ),
    communeCode: found.commune,
    address: streetOf(found),
    postalCode: /^\d{5}$/.test(found.code_postal ?? '') ? found.code_postal : null,
    point: isPlaced ? { latitude, longitude } : null,
  }
}

/** Removes the postcode and town from "12 RUE DES LILAS 63500 ISSOIRE"; the commune contains them. */
function streetOf({ adresse, code_postal }: Establishment): string | null {
  if (adresse === null) return null
  const at = code_postal === null ? -1 : adresse.lastIndexOf(code_postal)
  const street = (at === -1 ? adresse : adresse.slice(0, at)).trim()
  return street === '' ? null : street.slice(0, 200)
}

/** Parses the header Retry-After. @param header in seconds */
function restOf(header: string | null): number {
  const seconds = Number(header ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(MAX_REST_MS, seconds * 1000) : REST_MS
}
