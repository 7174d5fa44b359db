import { z } from 'zod'
import { type Keyring, parseKeyring } from '../cipher/keyring.ts'
import { KeysRefused, type ReadKeys } from '../cipher/sources.ts'
import type { Problem } from '../errors.ts'
import type { ValuesOf } from './setting.ts'

/** Settings of the secret of the installation, and of the keys that encrypt the database. */
export const secretSettings = {
  TOCSIN_SECRET: {
    secret: true,
    schema: z.string().min(32).optional(),
    meaning:
      'Secret that signs sessions and makes one-time codes, 32 characters or more; the same in every process of the installation. Required outside demo mode.',
    meaningFr:
      'Secret qui signe les sessions et dont viennent les codes à usage unique, 32 caractères au moins ; le même dans tous les processus de l’installation. Obligatoire hors démonstration.',
  },
  TOCSIN_SECRET_PREVIOUS: {
    secret: true,
    schema: z.string().min(32).optional(),
    meaning:
      'The secret that TOCSIN_SECRET replaces: what it signed, encrypted or derived is still accepted, so that nobody is signed out: for seven days from the first start with it, then no longer. Remove it after a day or more (docs/runbook/secret.md).',
    meaningFr:
      'Le secret que TOCSIN_SECRET remplace : ce qu’il a signé, chiffré ou dérivé est encore accepté, et personne n’est déconnecté : pendant sept jours depuis le premier démarrage avec lui, puis plus. À retirer au bout d’un jour ou plus (docs/runbook/secret.fr.md).',
  },
  TOCSIN_KEYS_FILE: {
    schema: z.string().min(1).optional(),
    meaning:
      'File of the keys that encrypt numbers in the database, as `tocsin keys create --file FILE` writes it; readable by the program and nobody else. The same keys in every process, and a copy where the backups are not. Required outside demo mode, unless TOCSIN_KEYS_COMMAND or TOCSIN_ENCRYPTION=off is set.',
    meaningFr:
      'Fichier des clés qui chiffrent les numéros dans la base, tel que l’écrit `tocsin keys create --file FICHIER` ; lisible par le programme et personne d’autre. Les mêmes clés dans tous les processus, et une copie ailleurs que les sauvegardes. Obligatoire hors démonstration, sauf avec TOCSIN_KEYS_COMMAND ou TOCSIN_ENCRYPTION=off.',
  },
  TOCSIN_KEYS_COMMAND: {
    schema: z.string().min(1).optional(),
    meaning:
      'Command that prints the keys, in place of the file: a program and its arguments with spaces between, run without a shell, once at start.',
    meaningFr:
      'Commande qui affiche les clés, à la place du fichier : un programme et ses arguments séparés par des espaces, lancés sans shell, une fois au démarrage.',
  },
  TOCSIN_ENCRYPTION: {
    schema: z.enum(['on', 'off']).optional(),
    meaning:
      'off: an installation in service stores numbers in clear, which goes on the record. Default: on in service; in a demo, on when keys are given.',
    meaningFr:
      'off : une installation en service enregistre les numéros en clair, ce que consigne le journal d’audit. Par défaut : on en service ; en démonstration, on quand des clés sont données.',
  },
} as const

type KeyValues = Pick<
  ValuesOf<typeof secretSettings>,
  'TOCSIN_KEYS_FILE' | 'TOCSIN_KEYS_COMMAND' | 'TOCSIN_ENCRYPTION'
>

/** The secret of the installation, and the keys that encrypt the database. */
export interface SecretConfig {
  readonly secret: string | undefined
  /** Accepted beside the secret, which replaces it. */
  readonly previousSecret: string | undefined
  /** The keys that encrypt the database; undefined: encryption is off. */
  readonly keys: Keyring | undefined
  /** Reads the keys again, which another process may have added to; undefined: encryption is off. */
  readonly reloadKeys: (() => Keyring) | undefined
}

/** Returns the reader of the keys; undefined when none are given. */
export function keyReader(v: KeyValues, readKeys: ReadKeys): (() => Keyring) | undefined {
  const { TOCSIN_KEYS_FILE: file, TOCSIN_KEYS_COMMAND: command } = v
  if (command !== undefined) return () => parseKeyring(readKeys.command(command))
  return file === undefined ? undefined : () => parseKeyring(readKeys.file(file))
}

/**
 * Reads the keys, and collects what is wrong with them or their settings.
 * @param read as `keyReader` returns it
 */
export function readKeyring(
  v: KeyValues,
  demo: boolean,
  read: (() => Keyring) | undefined,
  problems: Problem[],
): Keyring | undefined {
  const { TOCSIN_KEYS_FILE: file, TOCSIN_KEYS_COMMAND: command, TOCSIN_ENCRYPTION: encryption } = v
  if (file !== undefined && command !== undefined)
    problems.push({ code: 'config.keys_twice', path: 'TOCSIN_KEYS_COMMAND' })
  if (read !== undefined && encryption === 'off')
    problems.push({ code: 'config.keys_unused', path: 'TOCSIN_ENCRYPTION' })
  if (read === undefined && (encryption === 'on' || (!demo && encryption === undefined)))
    problems.push({ code: 'config.keys_missing', path: 'TOCSIN_KEYS_FILE' })
  try {
    return read?.()
  } catch (error) {
    // The text of an error may hold a key.
    const reason =
      error instanceof KeysRefused ? error.reason : ((error as NodeJS.ErrnoException).code ?? 'format')
    const path = command === undefined ? 'TOCSIN_KEYS_FILE' : 'TOCSIN_KEYS_COMMAND'
    problems.push({ code: 'config.keys_unreadable', path, values: { name: path, reason } })
    return undefined
  }
}
