import { z } from 'zod'
import { readCertificates, readPrivateKey, readPublicKey } from '../audit/keys.ts'
import type { Problem } from '../errors.ts'
import { reasonOf } from '../platform/process/secret-file.ts'
import { problemOf, type ValuesOf } from './setting.ts'

const publicKeys = z.string().transform((text, context) => {
  const list = text.split(',').map((item) => item.trim())
  try {
    for (const key of list) readPublicKey(key)
    return list
  } catch {
    context.addIssue({ code: 'custom', message: 'public keys of 32 bytes in base64url, with commas between' })
    return z.NEVER
  }
})
const mails = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.email()).max(20))

/** Settings of the signatures, anchors and timestamps of the audit log. */
export const auditSettings = {
  TOCSIN_AUDIT_KEY_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'File of the Ed25519 private key (PKCS #8, PEM) that signs the audit log: openssl genpkey -algorithm ed25519. Default: a key derived from TOCSIN_SECRET. The same in every process.',
    meaningFr:
      'Fichier de la clé privée Ed25519 (PKCS #8, PEM) qui signe le journal d’audit : openssl genpkey -algorithm ed25519. Par défaut : une clé tirée de TOCSIN_SECRET. La même dans tous les processus.',
  },
  TOCSIN_AUDIT_PUBLIC_KEYS: {
    schema: publicKeys.default([]),
    meaning:
      'Public keys of earlier keys, with commas between, as `tocsin audit key` prints them: what they signed stays valid.',
    meaningFr:
      'Clés publiques des clés précédentes, séparées par des virgules, telles que les affiche `tocsin audit key` : ce qu’elles ont signé reste valable.',
  },
  TOCSIN_ANCHOR_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'File to which every signed anchor of the audit log is added, a line each: keep it where the owner of the database cannot write. `tocsin audit verify` starts from it.',
    meaningFr:
      'Fichier où s’ajoute chaque ancre signée du journal d’audit, une par ligne : à garder là où le propriétaire de la base ne peut pas écrire. `tocsin audit verify` en part.',
  },
  TOCSIN_ANCHOR_MAILS: {
    schema: mails.default([]),
    meaning:
      'Mail addresses, with commas between, to which the last anchor is sent once a day. Needs TOCSIN_SMTP_URL.',
    meaningFr:
      'Adresses de courriel, séparées par des virgules, qui reçoivent une fois par jour la dernière ancre. Demande TOCSIN_SMTP_URL.',
  },
  TOCSIN_TIMESTAMP_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    meaning:
      'Address of a timestamp authority (RFC 3161), which says once a day when it saw the last anchor of the audit log; it gets a digest only. Needs TOCSIN_TIMESTAMP_CA_FILE.',
    meaningFr:
      'Adresse d’une autorité d’horodatage (RFC 3161), qui atteste une fois par jour quand elle a vu la dernière ancre du journal d’audit ; elle n’en reçoit que l’empreinte. Demande TOCSIN_TIMESTAMP_CA_FILE.',
  },
  TOCSIN_TIMESTAMP_CA_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'File of the certificates (PEM) that vouch for the timestamp authority. `tocsin audit verify` checks timestamps with them, also without TOCSIN_TIMESTAMP_URL.',
    meaningFr:
      'Fichier des certificats (PEM) qui garantissent l’autorité d’horodatage. `tocsin audit verify` vérifie les horodatages avec eux, même sans TOCSIN_TIMESTAMP_URL.',
  },
} as const

type AuditValues = ValuesOf<typeof auditSettings>

/** Signatures, anchors and timestamps of the audit log. */
export interface AuditConfig {
  /** PEM of the key that signs; undefined: it derives from the secret. */
  readonly pem: string | undefined
  readonly publicKeys: readonly string[]
  /** Path of the file to which anchors are added. */
  readonly anchorFile: string | undefined
  readonly anchorMails: readonly string[]
  /** Undefined: no timestamps are asked for. */
  readonly timestampUrl: string | undefined
  /** Certificates that vouch for the timestamp authority, PEM. */
  readonly timestampRoots: string | undefined
}

/** Reads the files that the settings of the audit log name, and collects what is wrong with them. */
export function readAuditConfig(
  v: AuditValues,
  readFile: (path: string) => string,
  problems: Problem[],
): AuditConfig {
  const readPem = (name: PemSetting, check: (pem: string) => unknown) =>
    readPemFile({ name, path: v[name], check, readFile }, problems)
  return Object.freeze({
    pem: readPem('TOCSIN_AUDIT_KEY_FILE', readPrivateKey),
    publicKeys: v.TOCSIN_AUDIT_PUBLIC_KEYS,
    anchorFile: v.TOCSIN_ANCHOR_FILE,
    anchorMails: v.TOCSIN_ANCHOR_MAILS,
    timestampUrl: v.TOCSIN_TIMESTAMP_URL,
    timestampRoots: readPem('TOCSIN_TIMESTAMP_CA_FILE', readCertificates),
  })
}

type PemSetting = 'TOCSIN_AUDIT_KEY_FILE' | 'TOCSIN_TIMESTAMP_CA_FILE'

function readPemFile(
  file: {
    readonly name: PemSetting
    readonly path: string | undefined
    readonly check: (pem: string) => unknown
    readonly readFile: (path: string) => string
  },
  problems: Problem[],
): string | undefined {
  if (file.path === undefined) return undefined
  let pem: string
  try {
    pem = file.readFile(file.path)
  } catch (error) {
    const values = { variable: file.name, file: file.path, reason: reasonOf(error) }
    problems.push({ code: 'config.variable_file', path: file.name, values })
    return undefined
  }
  try {
    file.check(pem)
    return pem
  } catch {
    problems.push(problemOf('config.value', { name: file.name, ...auditSettings[file.name] }))
    return undefined
  }
}
