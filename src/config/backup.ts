import { z } from 'zod'
import type { ValuesOf } from './setting.ts'

/** Public keys of age, of X25519 or with a post-quantum part. */
const backupKeys = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().regex(/^age1[a-z0-9]{50,}$/)).max(10))

/** Settings of backups. */
export const backupSettings = {
  TOCSIN_BACKUP_DIR: {
    schema: z.string().min(1).optional(),
    meaning:
      'Directory in which a process that sends makes backups by timer, encrypted to TOCSIN_BACKUP_KEY. Default: no timer (docs/runbook/backup.md).',
    meaningFr:
      'Dossier où un processus d’envoi fait des sauvegardes à intervalles réguliers, chiffrées pour TOCSIN_BACKUP_KEY. Par défaut : aucune (docs/runbook/backup.fr.md).',
  },
  TOCSIN_BACKUP_HOURS: {
    schema: z.coerce.number().int().min(1).max(168).default(24),
    meaning: 'Hours between two backups of TOCSIN_BACKUP_DIR, 1 to 168.',
    meaningFr: 'Heures entre deux sauvegardes de TOCSIN_BACKUP_DIR, de 1 à 168.',
  },
  TOCSIN_BACKUP_KEEP: {
    schema: z.coerce.number().int().min(1).max(1000).default(14),
    meaning: 'How many backups of TOCSIN_BACKUP_DIR are kept, 1 to 1000; older ones are deleted.',
    meaningFr:
      'Nombre de sauvegardes de TOCSIN_BACKUP_DIR à garder, de 1 à 1000 ; les plus anciennes sont supprimées.',
  },
  TOCSIN_BACKUP_KEY: {
    schema: backupKeys.default([]),
    meaning:
      'Public keys that backups are encrypted to, with commas between, as `tocsin keys backup --file FILE` prints one (age1…). Required with TOCSIN_BACKUP_DIR.',
    meaningFr:
      'Clés publiques pour lesquelles les sauvegardes sont chiffrées, séparées par des virgules, telles que `tocsin keys backup --file FICHIER` en affiche une (age1…). Obligatoire avec TOCSIN_BACKUP_DIR.',
  },
  TOCSIN_BACKUP_PRIVATE_KEY_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'File of the private key that opens backups, for `tocsin restore` only: keep it on another machine than the program.',
    meaningFr:
      'Fichier de la clé privée qui ouvre les sauvegardes, pour `tocsin restore` seulement : à garder sur une autre machine que le programme.',
  },
} as const

/** Backups by timer, and the key that opens them. */
export interface BackupConfig {
  /** Undefined: no timer. */
  readonly directory: string | undefined
  readonly hours: number
  readonly keep: number
  /** Public keys. */
  readonly recipients: readonly string[]
  readonly privateKeyFile: string | undefined
}

/** Puts together the settings of backups. */
export function toBackupConfig(v: ValuesOf<typeof backupSettings>): BackupConfig {
  return Object.freeze({
    directory: v.TOCSIN_BACKUP_DIR,
    hours: v.TOCSIN_BACKUP_HOURS,
    keep: v.TOCSIN_BACKUP_KEEP,
    recipients: v.TOCSIN_BACKUP_KEY,
    privateKeyFile: v.TOCSIN_BACKUP_PRIVATE_KEY_FILE,
  })
}
