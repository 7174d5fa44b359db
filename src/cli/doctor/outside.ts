import type { Findings } from '../../commands/doctor/findings.ts'
import { examineDomain, type LookUpText } from '../../commands/doctor/mail-domain.ts'
import type { Config } from '../../config.ts'
import { checkEndpoint, type Endpoint, readCertificateEnd } from '../../gateways/reach.ts'
import { endpointOf } from '../../gateways/settings.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { DAY_MS } from '../../message/clock.ts'
import { isSimulatorGateway } from '../../start/simulator.ts'
import { checkGateway } from '../routes-check.ts'

const CONNECT_MS = 5000
/** A certificate that is renewed by itself is renewed 30 days before its end. */
const CERTIFICATE_WARNING_DAYS = 21
const CERTIFICATE_ERROR_DAYS = 3

/** Asks the outside, and sends no message to anybody. */
export interface Outside {
  readonly config: Config
  readonly lang: Lang
  readonly now: () => Date
  readonly lookUpText: LookUpText
}

/** Examines the providers, the address of the site and the mail server. */
export async function examineOutside(outside: Outside, found: Findings): Promise<void> {
  await Promise.all([examineRoutes(outside, found), examineSite(outside, found), examineMail(outside, found)])
}

async function examineRoutes(outside: Outside, found: Findings): Promise<void> {
  const { config, lang } = outside
  const real = config.gateways.filter((gateway) => !isSimulatorGateway(gateway))
  if (real.length === 0) {
    found.add(config.demo ? 'ok' : 'warning', 'routes_simulated')
    return
  }
  await Promise.all(
    real.map(async (gateway) => {
      const { name } = gateway
      const fault = await checkGateway(config, gateway, undefined, () => {})
      if (fault === undefined) found.add('ok', 'route', { name })
      else {
        const hint = formatMessage(lang, `${fault.key}.hint`, fault.values)
        found.addWords({
          code: 'route_unreachable',
          level: 'error',
          what: formatMessage(lang, 'doctor.route_unreachable', {
            name,
            reason: formatMessage(lang, fault.key, fault.values),
          }),
          do: hint === `${fault.key}.hint` ? formatMessage(lang, 'check.hint') : hint,
        })
      }
      await examineCertificate(outside, found, endpointOf(gateway), name)
    }),
  )
}

async function examineSite(outside: Outside, found: Findings): Promise<void> {
  const { config, lang } = outside
  if (config.baseUrl === undefined) return
  const { protocol, hostname, port } = new URL(config.baseUrl)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'https:') {
    found.add(config.demo ? 'ok' : 'error', 'site_clear', { address: config.baseUrl })
    return
  }
  const endpoint = { host, port: Number(port) || 443, tls: { servername: host } }
  const fault = await checkEndpoint(endpoint, CONNECT_MS)
  const reason = fault && formatMessage(lang, fault.key, fault.values)
  // From inside a network its own address is often not reached.
  if (reason !== undefined && !fault?.key.startsWith('check.'))
    found.add('warning', 'site_unreachable', { host, reason })
  else if (reason !== undefined) found.add('error', 'site_certificate', { host, reason })
  await examineCertificate(outside, found, endpoint, host)
}

async function examineCertificate(
  { now }: Outside,
  found: Findings,
  endpoint: Endpoint,
  name: string,
): Promise<void> {
  const end = await readCertificateEnd(endpoint, CONNECT_MS)
  if (end === undefined) return
  const days = Math.floor((end.getTime() - now().getTime()) / DAY_MS)
  const values = { name, days, end: end.toISOString().slice(0, 10) }
  if (days < 0) found.add('error', 'certificate_expired', values)
  else if (days > CERTIFICATE_WARNING_DAYS) found.add('ok', 'certificate', values)
  else found.add(days > CERTIFICATE_ERROR_DAYS ? 'warning' : 'error', 'certificate_ends', values)
}

async function examineMail(outside: Outside, found: Findings): Promise<void> {
  const { config, lang } = outside
  if (config.mail === undefined) {
    found.add(config.demo ? 'ok' : 'warning', 'mail_missing')
    return
  }
  const { protocol, hostname: host, port } = new URL(config.mail.url)
  const isSecure = protocol === 'smtps:'
  const endpoint = { host, port: Number(port) || (isSecure ? 465 : 587) }
  const fault = await checkEndpoint({ ...endpoint, tls: isSecure && { servername: host } }, CONNECT_MS)
  if (fault === undefined) found.add('ok', 'mail', { host })
  else found.add('error', 'mail_unreachable', { host, reason: formatMessage(lang, fault.key, fault.values) })
  const domain = /@([^\s<>@]+)/.exec(config.mail.from)?.[1]
  if (domain !== undefined) await examineDomain(outside.lookUpText, found, domain)
}
