import { isIP } from 'node:net'
import { z } from 'zod'
import { readCertificates, readPrivateKey, readPublicKey } from './audit/keys.ts'
import { type Keyring, parseKeyring } from './cipher/keyring.ts'
import { KeysRefused, NO_KEYS, type ReadKeys } from './cipher/sources.ts'
import { LANES, type Lane } from './deliveries/lanes.ts'
import type { RouteRule } from './deliveries/send/routing.ts'
import { AppError, type Problem } from './errors.ts'
import {
  bounds,
  type GatewaySettings,
  onlyRoute,
  readGatewaysFile,
  type SmppSettings,
} from './gateways/settings.ts'
import type { Role as AnyAccountRole } from './permissions.ts'
import { fileVariableOf, readSecretVariable, reasonOf } from './platform/process/secret-file.ts'

const seconds = z.coerce.number().min(0).max(3600)
const bool = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1')
/** `vital=10,service=never` */
const inDoubtByLane = z.string().transform((text, context) => {
  const waits: Partial<Record<Lane, number | 'never'>> = {}
  for (const item of text.split(',')) {
    const [lane, wait = ''] = item.split('=').map((word) => word.trim())
    const known = LANES.find((name) => name === lane)
    const parsed = wait === 'never' ? wait : seconds.safeParse(wait || undefined).data
    if (known === undefined || parsed === undefined) {
      context.addIssue({ code: 'custom', message: 'lane=seconds or lane=never, with commas between' })
      return z.NEVER
    }
    waits[known] = parsed
  }
  return waits
})
/** Networks of proxies: `loopback`, addresses, or networks as 10.0.0.0/8. A network of all addresses would be spoofed by all. */
const proxies = z.string().transform((text, context) => {
  const list = text.split(',').map((item) => item.trim())
  const isRight = (item: string) => {
    const [address = '', bits, ...rest] = item.split('/')
    const version = isIP(address)
    if (version === 0 || rest.length > 0) return item === 'loopback'
    if (bits === undefined) return true
    return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
  }
  if (list.every(isRight)) return list
  context.addIssue({ code: 'custom', message: 'addresses or networks, with commas between' })
  return z.NEVER
})
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
/** The address of an OpenID Connect provider: https, or http on this machine for tests. */
const issuer = z.url().refine((text) => {
  const { protocol, hostname, search, hash } = new URL(text)
  const isHere = protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1')
  return (protocol === 'https:' || isHere) && search === '' && hash === ''
})
const mails = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.email()).max(20))
/** Public keys of age, of X25519 or with a post-quantum part. */
const backupKeys = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().regex(/^age1[a-z0-9]{50,}$/)).max(10))
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//)
  .refine((url) => URL.canParse(url))
  .optional()
const port = z.coerce.number().int().min(0).max(65535)

/**
 * Seconds before a submission in doubt is sent again. An alert read twice does less harm than one never received; a
 * service message or a reminder read twice is worse than a late one, and a receipt may still settle it.
 */
const DEFAULT_IN_DOUBT: Config['inDoubt'] = {
  vital: 10,
  code: 20,
  alert: 20,
  follow_up: 20,
  service: 'never',
  reminder: 'never',
}
const DEFAULT_IN_DOUBT_TEXT = Object.entries(DEFAULT_IN_DOUBT)
  .map(([lane, wait]) => `${lane}=${wait}`)
  .join(',')

/** Roles whose sessions are locked: not the break-glass account, which is open for an hour at most and has no factor to come back. */
type AccountRole = Exclude<AnyAccountRole, 'break_glass'>

/**
 * Minutes without activity after which a session of the console is locked. NIST SP 800-63B allows 30 at its second level; a screen
 * of a control room is among colleagues, one of a chamber or a prosecutor's office often is not.
 */
const DEFAULT_IDLE: NonNullable<Config['idleMinutes']> = {
  operator: 30,
  chief: 30,
  magistrate: 15,
  chamber: 15,
  trade_chamber: 15,
  admin: 15,
}
const MAX_IDLE_MINUTES = 720
const DEFAULT_IDLE_TEXT = Object.entries(DEFAULT_IDLE)
  .map(([role, minutes]) => `${role}=${minutes}`)
  .join(',')
/** `operator=20,chamber=10` */
const idleByRole = z.string().transform((text, context) => {
  const limits: Partial<Record<AccountRole, number>> = {}
  for (const item of text.split(',')) {
    const [name, typed = ''] = item.split('=').map((word) => word.trim())
    const role = (Object.keys(DEFAULT_IDLE) as AccountRole[]).find((known) => known === name)
    const minutes = Number(typed)
    if (role === undefined || !/^\d+$/.test(typed) || minutes < 1 || minutes > MAX_IDLE_MINUTES) {
      context.addIssue({ code: 'custom', message: 'role=minutes, with commas between' })
      return z.NEVER
    }
    limits[role] = minutes
  }
  return limits
})

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

export const ROLES = ['all', 'web', 'worker'] as const
/** The role of a process of the installation. */
export type Role = (typeof ROLES)[number]

/**
 * Every setting: its environment name, default, and meaning in both languages. A `secret` is read from the file that NAME_FILE
 * names, if that is given in place of NAME. The documentation page is generated from this.
 */
export const settings = {
  PORT: {
    schema: port.default(3000),
    meaning: 'Port of the web server; 0: any free one, printed at start.',
    meaningFr: 'Port du serveur web ; 0 : un port libre, affiché au démarrage.',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    meaning:
      'Address the web server listens on. One that other machines reach ends the demo, unless TOCSIN_DEMO is true.',
    meaningFr:
      'Adresse sur laquelle le serveur web écoute. Si d’autres machines l’atteignent, il n’y a pas de démonstration, sauf si TOCSIN_DEMO vaut true.',
  },
  TOCSIN_TRUSTED_PROXIES: {
    schema: proxies.default(['loopback']),
    meaning:
      'Reverse proxies whose X-Forwarded-* headers are believed: addresses or networks with commas between, as 10.0.0.5,fd00::/8; loopback: this machine. Default: loopback. Behind a proxy on another host, everybody shares its address until it is set.',
    meaningFr:
      'Serveurs mandataires (reverse proxies) dont les en-têtes X-Forwarded-* sont crus : adresses ou réseaux séparés par des virgules, comme 10.0.0.5,fd00::/8 ; loopback : cette machine. Par défaut : loopback. Derrière un mandataire sur une autre machine, tout le monde partage son adresse tant que ce n’est pas réglé.',
  },
  TOCSIN_ROLE: {
    schema: z.enum(ROLES).default('all'),
    meaning:
      'What this process does: all; web (the console and the API, sends nothing) or worker (sends; answers on PORT only when it is set). web and worker need DATABASE_URL. `tocsin serve --role` prevails.',
    meaningFr:
      'Ce que fait ce processus : all (tout) ; web (la console et l’API, n’envoie rien) ou worker (envoie ; ne répond sur PORT que s’il est indiqué). web et worker demandent DATABASE_URL. `tocsin serve --role` l’emporte.',
  },
  TOCSIN_DATA_DIR: {
    schema: z.string().min(1).default('./data'),
    meaning:
      'Directory of the embedded database and of the demo. With DATABASE_URL, only a demo writes there: what its simulated SMS centre keeps.',
    meaningFr:
      'Dossier de la base embarquée et de la démonstration. Avec DATABASE_URL, seule une démonstration y écrit : ce que garde son centre SMS simulé.',
  },
  DATABASE_URL: {
    secret: true,
    schema: postgresUrl,
    meaning: 'PostgreSQL to use in place of the embedded database: postgres://user:password@host:5432/name.',
    meaningFr:
      'PostgreSQL à utiliser à la place de la base embarquée : postgres://utilisateur:motdepasse@hôte:5432/nom.',
  },
  DATABASE_OWNER_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'The same database with the login that owns its tables, for `tocsin migrate` (and the start of a demo). Give it to that command only: outside demo mode the login of DATABASE_URL may own nothing (docs/runbook/install.md).',
    meaningFr:
      'La même base avec le compte qui en possède les tables, pour `tocsin migrate` (et le démarrage d’une démonstration). À ne donner qu’à cette commande : hors démonstration, le compte de DATABASE_URL ne doit rien posséder (docs/runbook/install.fr.md).',
  },
  DATABASE_SESSION_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'The same database and login past the pooler that DATABASE_URL names, when that one is in transaction mode (PgBouncer, pool_mode = transaction): for LISTEN and the locks of workers. Absent: DATABASE_URL leads to the server, or to a pooler in session mode (docs/runbook/high-availability.md).',
    meaningFr:
      'La même base et le même compte sans passer par le pooler que nomme DATABASE_URL, quand celui-ci est en mode transaction (PgBouncer, pool_mode = transaction) : pour LISTEN et les verrous des processus d’envoi. Absent : DATABASE_URL mène au serveur, ou à un pooler en mode session (docs/runbook/high-availability.fr.md).',
  },
  DATABASE_READ_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'A read replica of the same database, with the same login: statistics and their exports are read there, so that they do not slow down alerts. One that is down or more than 30 s behind is not used: the figures then come from DATABASE_URL.',
    meaningFr:
      'Un réplica en lecture de la même base, avec le même compte : les statistiques et leurs exports y sont lus, pour ne pas ralentir les alertes. S’il est arrêté ou a plus de 30 s de retard, il ne sert pas : les chiffres viennent alors de DATABASE_URL.',
  },
  DATABASE_POOL: {
    schema: z.coerce.number().int().min(2).max(100).default(8),
    meaning:
      'Connections to PostgreSQL at most for screens and orders, 2 to 100; a process that sends has 6 more of its own. The embedded database has one.',
    meaningFr:
      'Nombre maximal de connexions à PostgreSQL pour les écrans et les ordres, de 2 à 100 ; un processus qui envoie en a 6 de plus à lui. La base embarquée n’en a qu’une.',
  },
  TOCSIN_DEMO: {
    schema: bool.optional(),
    meaning:
      'Demo mode: sample schemes and members, doors without password, simulated phones. Default: true as long as nothing tells of an installation in service: DATABASE_URL, TOCSIN_SECRET, TOCSIN_BASE_URL, a provider (TOCSIN_GATEWAYS, TOCSIN_SMPP_HOST or its account, TOCSIN_SMTP_URL, TOCSIN_STRIPE_KEY, TOCSIN_OIDC_ISSUER), a HOST that others reach. With one of these a demo has to be asked for by true. Refused on a database with real accounts.',
    meaningFr:
      'Démonstration : dispositifs et adhérents d’exemple, portes sans mot de passe, téléphones simulés. Par défaut : true tant que rien n’annonce une installation en service : DATABASE_URL, TOCSIN_SECRET, TOCSIN_BASE_URL, un fournisseur (TOCSIN_GATEWAYS, TOCSIN_SMPP_HOST ou son compte, TOCSIN_SMTP_URL, TOCSIN_STRIPE_KEY, TOCSIN_OIDC_ISSUER), un HOST que d’autres machines atteignent. Avec l’un d’eux, une démonstration se demande par true. Refusée sur une base qui a de vrais comptes.',
  },
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
  TOCSIN_BASE_URL: {
    schema: z.url().optional(),
    meaning: 'Address under which browsers reach the program. Required outside demo mode.',
    meaningFr: 'Adresse à laquelle les navigateurs trouvent le programme. Obligatoire hors démonstration.',
  },
  TOCSIN_GATEWAYS: {
    schema: z.string().min(1).optional(),
    meaning:
      'JSON file of the gateways and routes (docs/guides/routes.md), in place of the TOCSIN_SMPP_* settings, which describe a single gateway. Required outside demo mode when TOCSIN_SMPP_HOST is absent.',
    meaningFr:
      'Fichier JSON des passerelles et des routes (docs/guides/routes.md), à la place des réglages TOCSIN_SMPP_*, qui décrivent une seule passerelle. Obligatoire hors démonstration quand TOCSIN_SMPP_HOST est absent.',
  },
  TOCSIN_SMPP_HOST: {
    schema: z.string().min(1).optional(),
    meaning:
      'Host of the SMS provider (SMPP 3.4). Required outside demo mode when TOCSIN_GATEWAYS is absent.',
    meaningFr:
      'Machine du fournisseur de SMS (SMPP 3.4). Obligatoire hors démonstration quand TOCSIN_GATEWAYS est absent.',
  },
  TOCSIN_SMPP_PORT: {
    schema: port.default(2775),
    meaning: 'Port of the SMS provider.',
    meaningFr: 'Port du fournisseur de SMS.',
  },
  TOCSIN_SMPP_TLS: {
    schema: bool.default(true),
    meaning: 'TLS to the SMS provider.',
    meaningFr: 'TLS vers le fournisseur de SMS.',
  },
  TOCSIN_SMPP_SYSTEM_ID: {
    schema: z.string().max(bounds.systemId.max).optional(),
    meaning: 'SMPP system_id, 15 characters at most. Required with TOCSIN_SMPP_HOST.',
    meaningFr: 'system_id SMPP, 15 caractères au plus. Obligatoire avec TOCSIN_SMPP_HOST.',
  },
  TOCSIN_SMPP_PASSWORD: {
    secret: true,
    schema: z.string().max(bounds.password.max).optional(),
    meaning: 'SMPP password, 8 characters at most. Required with TOCSIN_SMPP_HOST.',
    meaningFr: 'Mot de passe SMPP, 8 caractères au plus. Obligatoire avec TOCSIN_SMPP_HOST.',
  },
  TOCSIN_SMPP_LINKS: {
    schema: z.coerce.number().int().min(bounds.links.min).max(bounds.links.max).default(1),
    meaning: 'Parallel SMPP binds.',
    meaningFr: 'Connexions SMPP en parallèle, de 1 à 16.',
  },
  TOCSIN_SMPP_WINDOW: {
    schema: z.coerce.number().int().min(bounds.windowPerLink.min).max(bounds.windowPerLink.max).default(500),
    meaning: 'Submissions without an answer at most, a bind. Also bounds what a crash can double.',
    meaningFr:
      'Envois sans réponse au plus, par connexion, de 1 à 5000. Borne aussi ce qu’un arrêt brutal peut doubler.',
  },
  TOCSIN_SMPP_BIND: {
    schema: z.enum(['transceiver', 'transmitterReceiver']).default('transceiver'),
    meaning: 'One bind both ways (transceiver), or two (transmitterReceiver) for providers that want so.',
    meaningFr:
      'Une connexion dans les deux sens (transceiver), ou deux (transmitterReceiver) pour les fournisseurs qui le demandent.',
  },
  TOCSIN_SMPP_CONCATENATION: {
    schema: z.enum(['udh', 'sar']).default('udh'),
    meaning: 'How the parts of a long message are tied: a header in the text (udh) or SAR parameters (sar).',
    meaningFr:
      'Lien entre les parties d’un long message : en-tête dans le texte (udh) ou paramètres SAR (sar).',
  },
  TOCSIN_SMPP_RATE: {
    schema: z.coerce.number().positive().max(bounds.partsPerSecond.max).optional(),
    meaning:
      'SMS parts a second at most, over all links and all processes: what the contract allows. Default: as fast as the provider answers.',
    meaningFr:
      'Parties de SMS par seconde au plus, toutes connexions et tous processus confondus : ce que permet le contrat. Par défaut : aussi vite que le fournisseur répond.',
  },
  TOCSIN_IN_DOUBT_SECONDS: {
    schema: seconds.optional(),
    meaning:
      'How long a submission without an answer waits for a receipt before it is sent again, marked as a possible duplicate: the same for every kind of message. Default: see TOCSIN_IN_DOUBT.',
    meaningFr:
      'Secondes pendant lesquelles un envoi sans réponse attend un accusé avant d’être refait, marqué comme doublon possible : les mêmes pour tous les messages. Par défaut : voir TOCSIN_IN_DOUBT.',
  },
  TOCSIN_IN_DOUBT: {
    schema: inDoubtByLane.optional(),
    meaning: `The same by kind of message, which prevails: ${DEFAULT_IN_DOUBT_TEXT} by default; kinds left out keep theirs. "never": it is not sent again, it waits for its receipt.`,
    meaningFr: `Les mêmes secondes par sorte de message, qui l’emportent : ${DEFAULT_IN_DOUBT_TEXT} par défaut ; les sortes omises gardent la leur. « never » : l’envoi n’est pas refait, il attend son accusé.`,
  },
  TOCSIN_MEMORY_FULL_SECONDS: {
    schema: z.union([z.literal('never'), z.coerce.number().min(0).max(86_400)]).default(600),
    meaning:
      'How long after a receipt that says that the memory of a phone is full the message of an alert is sent to it once more, while the alert is still valid and no later message of it has been sent. "never": it is not sent again.',
    meaningFr:
      'Secondes après lesquelles le message d’une alerte est envoyé une seconde et dernière fois à un téléphone dont la mémoire était pleine, tant que l’alerte est valable et qu’aucun autre message ne l’a suivie. « never » : il ne l’est pas.',
  },
  TOCSIN_COOLING_HOURS: {
    schema: z.coerce.number().int().min(0).max(168).default(24),
    meaning:
      'Cooling time in hours, 0 to 168: between the proposal of a new account for dues (IBAN, BIC, creditor identifier, payee of cheques), or of any setting changed alone while others have the role or accounts were changed a short while ago, and the moment when it can be put in force; before somebody who was given a role above operator, or let back in, counts as the second person for settings; and before two accounts of which one invited, re-invited or recovered the other can be the second person of each other.',
    meaningFr:
      'Délai de sécurité en heures, de 0 à 168 : entre la proposition d’un nouveau compte pour les cotisations (IBAN, BIC, identifiant de créancier, ordre des chèques), ou d’un réglage changé seul alors que d’autres ont le rôle ou que des comptes viennent de changer, et sa mise en vigueur possible ; avant que compte comme seconde personne pour les réglages qui vient de recevoir un rôle au-dessus d’opérateur ou de retrouver l’accès ; avant que deux comptes, dont l’un a invité l’autre ou lui a rendu l’accès, puissent être la seconde personne l’un de l’autre.',
  },
  TOCSIN_IDLE_MINUTES: {
    schema: idleByRole.optional(),
    meaning: `Minutes without typing, clicking or scrolling after which a session of the console is locked, by role: ${DEFAULT_IDLE_TEXT} by default; roles left out keep theirs. 1 to ${MAX_IDLE_MINUTES}. The demo locks nothing unless it is set.`,
    meaningFr: `Minutes sans frappe, clic ni défilement au bout desquelles une session de la console se verrouille, par rôle : ${DEFAULT_IDLE_TEXT} par défaut ; les rôles omis gardent la leur. De 1 à ${MAX_IDLE_MINUTES}. La démonstration ne verrouille rien sans ce réglage.`,
  },
  TOCSIN_SESSION_HOURS: {
    schema: z.coerce.number().int().min(1).max(24).default(12),
    meaning: 'Hours after which a session of the console ends, even if it is in use, 1 to 24.',
    meaningFr: 'Heures au bout desquelles une session de la console prend fin, même en usage, de 1 à 24.',
  },
  TOCSIN_KEEP_DELIVERIES_DAYS: {
    schema: z.coerce.number().int().min(1).max(3650).default(180),
    meaning:
      'Days after which who received what is removed, once a broadcast is over; its figures stay. 1 to 3650.',
    meaningFr:
      'Jours au bout desquels le détail des remises d’une diffusion terminée est effacé ; ses chiffres restent. De 1 à 3650.',
  },
  TOCSIN_MAP_TILES: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s/{}]+\/.*\{z\}/)
      .optional(),
    meaning: 'Raster tiles behind the map, as https://host/{z}/{x}/{y}.png; none by default.',
    meaningFr: 'Tuiles d’image sous la carte, comme https://hôte/{z}/{x}/{y}.png ; aucune par défaut.',
  },
  TOCSIN_METRICS_TOKEN: {
    secret: true,
    schema: z.string().min(16).optional(),
    meaning:
      'Token that opens GET /metrics (Prometheus), 16 characters or more: Authorization: Bearer TOKEN. Without it there is no /metrics.',
    meaningFr:
      'Jeton qui ouvre GET /metrics (Prometheus), 16 caractères au moins : Authorization: Bearer JETON. Sans lui, /metrics n’existe pas.',
  },
  TOCSIN_DRAIN_SECONDS: {
    schema: z.coerce.number().int().min(0).max(300).default(0),
    meaning:
      'Seconds between a stop signal and the stop, 0 to 300: `/readyz` answers 503 meanwhile, so that a proxy sends no more requests, and everything else goes on. Longer than two health checks of the proxy.',
    meaningFr:
      'Secondes entre un signal d’arrêt et l’arrêt, 0 à 300 : `/readyz` répond 503 pendant ce temps, pour que le proxy n’envoie plus de requête, et tout le reste continue. Plus que deux contrôles du proxy.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s/]/)
      .optional(),
    meaning:
      'Collector of OpenTelemetry, as http://127.0.0.1:4318: each broadcast is sent as a trace, by OTLP over HTTP, without personal data. Without it there are no traces.',
    meaningFr:
      'Collecteur OpenTelemetry, comme http://127.0.0.1:4318 : chaque diffusion y est envoyée comme une trace, par OTLP sur HTTP, sans donnée personnelle. Sans lui, pas de trace.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    secret: true,
    schema: z
      .string()
      .regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/)
      .optional(),
    meaning:
      'Headers for this collector, as OpenTelemetry writes them: NAME=VALUE, separated by commas, values encoded as in an address.',
    meaningFr:
      'En-têtes pour ce collecteur, comme les écrit OpenTelemetry : NOM=VALEUR, séparés par des virgules, valeurs encodées comme dans une adresse.',
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().default('tocsin'),
    meaning: 'Name of the service in traces.',
    meaningFr: 'Nom du service dans les traces.',
  },
  TOCSIN_LOG_LEVEL: {
    schema: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
    meaning: 'Log level: silent, fatal, error, warn, info, debug or trace.',
    meaningFr: 'Niveau du journal : silent, fatal, error, warn, info, debug ou trace.',
  },
  TOCSIN_LOG_FORMAT: {
    schema: z.enum(['json', 'words']).optional(),
    meaning:
      'How the log is written on the standard output: json, a JSON value per line, or words. Default: words on a terminal, else json.',
    meaningFr:
      'Forme du journal technique sur la sortie standard : json, une valeur JSON par ligne, ou words, du texte. Par défaut : words sur un terminal, sinon json.',
  },
  TOCSIN_GEO_API: {
    schema: z.url().default('https://geo.api.gouv.fr'),
    meaning: 'Service the communes’ contours are imported from.',
    meaningFr: 'Service d’où viennent les contours des communes.',
  },
  TOCSIN_COMPANY_API: {
    schema: z.union([z.literal('off'), z.url()]).optional(),
    meaning:
      'Register of companies that fills a business by its SIRET when a merchant joins; off: entered by hand. Default: https://recherche-entreprises.api.gouv.fr, and off in the demo, which knows some businesses of its own.',
    meaningFr:
      'Répertoire qui remplit un commerce par son SIRET quand un commerçant s’inscrit ; off : saisi à la main. Par défaut : https://recherche-entreprises.api.gouv.fr, et off dans la démonstration, qui connaît quelques commerces à elle.',
  },
  TOCSIN_SMTP_URL: {
    secret: true,
    schema: z
      .string()
      .regex(/^smtps?:\/\/[^/]+$/)
      .refine((url) => URL.canParse(url))
      .optional(),
    meaning:
      'Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. Without it, merchants get no mail; the demo keeps its own.',
    meaningFr:
      'Serveur de courriel : smtp://utilisateur:motdepasse@hôte:587 (STARTTLS) ou smtps://utilisateur:motdepasse@hôte:465. Sans lui, les commerçants ne reçoivent pas de courriel ; la démonstration garde les siens.',
  },
  TOCSIN_MAIL_FROM: {
    schema: z
      .string()
      .regex(/^([^<>\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
      .max(200)
      .optional(),
    meaning: 'Sender of mails, as "Alerte commerces <alerte@cci.example>". Required with TOCSIN_SMTP_URL.',
    meaningFr:
      'Expéditeur des courriels, comme « Alerte commerces <alerte@cci.example> ». Obligatoire avec TOCSIN_SMTP_URL.',
  },
  TOCSIN_STRIPE_KEY: {
    secret: true,
    schema: z
      .string()
      .regex(/^(sk|rk)_\w{8,}$/)
      .optional(),
    meaning:
      'Secret key of the Stripe account that dues are paid to by card. Without it, no card is taken; nor in the demo. Needs the package stripe beside the program; a start without it says which version.',
    meaningFr:
      'Clé secrète du compte Stripe où les cotisations sont payées par carte. Sans elle, aucune carte n’est acceptée ; en démonstration non plus. Demande le paquet stripe à côté du programme ; un démarrage sans lui dit en quelle version.',
  },
  TOCSIN_STRIPE_WEBHOOK_SECRET: {
    secret: true,
    schema: z
      .string()
      .regex(/^whsec_\w{6,}$/)
      .optional(),
    meaning:
      'Secret by which Stripe signs its calls to BASE_URL/api/payments/card (checkout.session.completed, charge.refunded). Required with TOCSIN_STRIPE_KEY.',
    meaningFr:
      'Secret par lequel Stripe signe ses appels à BASE_URL/api/payments/card (checkout.session.completed, charge.refunded). Obligatoire avec TOCSIN_STRIPE_KEY.',
  },
  TOCSIN_STRIPE_API: {
    schema: z.url().default('https://api.stripe.com'),
    meaning: 'Where the API of Stripe is found.',
    meaningFr: 'Adresse de l’API de Stripe.',
  },
  TOCSIN_OIDC_ISSUER: {
    schema: issuer.optional(),
    meaning:
      'Identity provider (OpenID Connect) by which agents may sign in: its issuer, as https://auth.example/realm. Its addresses are read from ISSUER/.well-known/openid-configuration. Register BASE_URL/connexion/retour with it as the address of return, and BASE_URL/ after sign-out. Without it, there is no such sign-in (docs/guides/proconnect.md).',
    meaningFr:
      'Fournisseur d’identité (OpenID Connect) par lequel les agents peuvent se connecter : son émetteur (issuer), comme https://auth.example/realm. Ses adresses se lisent dans ISSUER/.well-known/openid-configuration. Y déclarer BASE_URL/connexion/retour comme adresse de retour, et BASE_URL/ après déconnexion. Sans lui, cette connexion n’existe pas (docs/guides/proconnect.md).',
  },
  TOCSIN_OIDC_KIND: {
    schema: z.enum(['oidc', 'proconnect']).default('oidc'),
    meaning:
      'proconnect: its scopes, userinfo signed, and a SIRET of the agent’s service at each sign-in; oidc: any other provider.',
    meaningFr:
      'proconnect : ses scopes, un userinfo signé, et un SIRET du service de l’agent à chaque connexion ; oidc : tout autre fournisseur.',
  },
  TOCSIN_OIDC_CLIENT_ID: {
    schema: z.string().min(1).max(200).optional(),
    meaning: 'Client identifier given by the identity provider. Required with TOCSIN_OIDC_ISSUER.',
    meaningFr:
      'Identifiant de client donné par le fournisseur d’identité. Obligatoire avec TOCSIN_OIDC_ISSUER.',
  },
  TOCSIN_OIDC_CLIENT_SECRET: {
    secret: true,
    schema: z.string().min(1).max(500).optional(),
    meaning: 'Client secret given by the identity provider. Required with TOCSIN_OIDC_ISSUER.',
    meaningFr: 'Secret de client donné par le fournisseur d’identité. Obligatoire avec TOCSIN_OIDC_ISSUER.',
  },
  TOCSIN_OIDC_LABEL: {
    schema: z.string().trim().min(1).max(40).optional(),
    meaning: 'Name of the identity provider on the screens. Default: ProConnect, or the host of the issuer.',
    meaningFr: 'Nom du fournisseur d’identité à l’écran. Par défaut : ProConnect, ou l’hôte de l’émetteur.',
  },
  TOCSIN_OIDC_SCOPES: {
    schema: z
      .string()
      .regex(/^openid( [\w:./-]+)*$/)
      .optional(),
    meaning:
      'Scopes asked of the identity provider, openid first. Default: openid given_name usual_name email uid siret idp_id for ProConnect, openid profile email otherwise.',
    meaningFr:
      'Scopes demandés au fournisseur d’identité, openid en premier. Par défaut : openid given_name usual_name email uid siret idp_id pour ProConnect, sinon openid profile email.',
  },
  TOCSIN_OIDC_ACR: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((item) => item.trim()))
      .pipe(z.array(z.string().min(1).max(200)).max(10))
      .default([]),
    meaning:
      'Levels of authentication (acr), with commas between, of which a sign-in needs one. Default: none is asked for.',
    meaningFr:
      'Niveaux d’authentification (acr), séparés par des virgules, dont une connexion doit atteindre l’un. Par défaut : aucun n’est demandé.',
  },
  TOCSIN_OIDC_ALG: {
    schema: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).default('RS256'),
    meaning: 'The only algorithm by which signatures of the identity provider are accepted.',
    meaningFr: 'Le seul algorithme de signature accepté du fournisseur d’identité.',
  },
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
  TOCSIN_LANG: {
    schema: z.enum(['fr', 'en']).optional(),
    meaning: 'Language of the terminal: fr or en. Default: that of LANG when it is one of both, else fr.',
    meaningFr: 'Langue du terminal : fr ou en. Par défaut : celle de LANG si c’est l’une des deux, sinon fr.',
  },
} as const

type Values = { [K in keyof typeof settings]: z.infer<(typeof settings)[K]['schema']> }

export interface Config {
  readonly port: number
  readonly host: string
  /** Addresses and networks of the proxies that are trusted to forward the client's address. */
  readonly trustedProxies: readonly string[]
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  /** Address with the login that owns the tables; undefined: that of `databaseUrl` is used. */
  readonly databaseOwnerUrl: string | undefined
  /** Past the pooler in transaction mode of `databaseUrl`; undefined: there is none. */
  readonly databaseSessionUrl: string | undefined
  /** A read replica; undefined: there is none. */
  readonly databaseReadUrl: string | undefined
  readonly databasePool: number
  readonly demo: boolean
  readonly secret: string | undefined
  /** Accepted beside the secret, which replaces it. */
  readonly previousSecret: string | undefined
  readonly backup: {
    /** Undefined: no timer. */
    readonly directory: string | undefined
    readonly hours: number
    readonly keep: number
    /** Public keys. */
    readonly recipients: readonly string[]
    readonly privateKeyFile: string | undefined
  }
  readonly audit: {
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
  /** The keys that encrypt the database; undefined: encryption is off. */
  readonly keys: Keyring | undefined
  /** Reads the keys again, which another process may have added to; undefined: encryption is off. */
  readonly reloadKeys: (() => Keyring) | undefined
  readonly baseUrl: string | undefined
  readonly role: Role
  /** Whether PORT was set: a worker listens only then. */
  readonly isPortSet: boolean
  /** At least one; their names differ. */
  readonly gateways: readonly GatewaySettings[]
  /** Prefix rules come first; the last route accepts every number. */
  readonly routes: readonly RouteRule[]
  /** Seconds before a submission in doubt is sent again, by lane; `never`: it waits for its receipt. */
  readonly inDoubt: Readonly<Record<Lane, number | 'never'>>
  /** Seconds before a phone whose memory was full is tried once more; `never`: it is not. */
  readonly memoryFullSeconds: number | 'never'
  readonly keepDeliveriesDays: number
  /** Hours before a new account for dues can be put in force. */
  readonly coolingHours: number
  /** Minutes without activity after which a session is locked, by role; undefined: sessions are not locked. */
  readonly idleMinutes: Readonly<Record<AccountRole, number>> | undefined
  /** Hours after which a session of the console ends. */
  readonly sessionHours: number
  readonly mapTiles: string | undefined
  readonly metricsToken: string | undefined
  /** Base URL of the collector of traces. */
  readonly tracesEndpoint: string | undefined
  /** As in `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly tracesHeaders: string | undefined
  readonly tracesService: string
  /** Seconds between a stop signal and the stop. */
  readonly drainSeconds: number
  readonly logLevel: Values['TOCSIN_LOG_LEVEL']
  /** Undefined: words on a terminal, else JSON. */
  readonly logFormat: Values['TOCSIN_LOG_FORMAT']
  readonly geoApi: string
  /** Undefined: no register except the demo's data. */
  readonly companyApi: string | undefined
  /** Undefined: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | undefined
  /** Undefined: no card payments. */
  readonly stripe: { readonly key: string; readonly webhookSecret: string; readonly api: string } | undefined
  /** Undefined: agents sign in by passkey or password only. */
  readonly identityProvider: IdentityProviderSettings | undefined
  readonly lang: 'fr' | 'en'
}

/** The identity provider of the installation (OpenID Connect). */
export interface IdentityProviderSettings {
  readonly issuer: string
  readonly kind: 'oidc' | 'proconnect'
  readonly clientId: string
  readonly clientSecret: string
  readonly label: string
  readonly scopes: string
  /** Levels of authentication of which a sign-in needs one; empty: none is asked for. */
  readonly acr: readonly string[]
  readonly alg: Values['TOCSIN_OIDC_ALG']
}

/**
 * Reads the settings from the environment, and by `readFile` the files that it names: of secrets and of TOCSIN_GATEWAYS. An
 * empty value counts as absent.
 * @throws AppError `config_invalid` with every problem at once.
 */
export function readConfig(
  given: Environment,
  readFile: (path: string) => string = noFiles,
  readKeys: ReadKeys = NO_KEYS,
): Config {
  const problems: Problem[] = []
  const { env, fromFile, unread } = readSecretFiles(given, readFile, problems)
  const v = parseValues(env, { fromFile, unread }, problems)
  const signs = signsOfService(env, v.HOST)
  const demo = v.TOCSIN_DEMO ?? signs.length === 0
  problems.push(...missingSettings(v, env, { demo, signs }))
  const file =
    v.TOCSIN_GATEWAYS === undefined
      ? undefined
      : readGatewaysFile(v.TOCSIN_GATEWAYS, { env, readFile }, { demo, baseUrl: v.TOCSIN_BASE_URL }, problems)
  const readPem = (name: PemSetting, check: (pem: string) => unknown) =>
    readPemFile({ name, path: v[name], check, readFile }, problems)
  const pem = readPem('TOCSIN_AUDIT_KEY_FILE', readPrivateKey)
  const timestampRoots = readPem('TOCSIN_TIMESTAMP_CA_FILE', readCertificates)
  const reloadKeys = keyReader(v, readKeys)
  const keys = readKeyring(v, demo, reloadKeys, problems)
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
  const real = file ?? onlyGateway(demo ? simulatorGateway(v, []) : singleGateway(v))
  const hasSimulated = real.gateways.some(({ simulated }) => simulated)
  return Object.freeze({
    port: v.PORT,
    isPortSet: Boolean(env.PORT),
    host: v.HOST,
    trustedProxies: v.TOCSIN_TRUSTED_PROXIES,
    role: v.TOCSIN_ROLE,
    dataDir: v.TOCSIN_DATA_DIR,
    databaseUrl: v.DATABASE_URL,
    databaseOwnerUrl: v.DATABASE_OWNER_URL,
    databaseSessionUrl: v.DATABASE_SESSION_URL,
    databaseReadUrl: v.DATABASE_READ_URL,
    databasePool: v.DATABASE_POOL,
    demo,
    secret: v.TOCSIN_SECRET,
    previousSecret: v.TOCSIN_SECRET_PREVIOUS,
    backup: Object.freeze({
      directory: v.TOCSIN_BACKUP_DIR,
      hours: v.TOCSIN_BACKUP_HOURS,
      keep: v.TOCSIN_BACKUP_KEEP,
      recipients: v.TOCSIN_BACKUP_KEY,
      privateKeyFile: v.TOCSIN_BACKUP_PRIVATE_KEY_FILE,
    }),
    audit: Object.freeze({
      pem,
      publicKeys: v.TOCSIN_AUDIT_PUBLIC_KEYS,
      anchorFile: v.TOCSIN_ANCHOR_FILE,
      anchorMails: v.TOCSIN_ANCHOR_MAILS,
      timestampUrl: v.TOCSIN_TIMESTAMP_URL,
      timestampRoots,
    }),
    keys,
    reloadKeys,
    baseUrl: v.TOCSIN_BASE_URL,
    routes: real.routes,
    // Exercises work on any installation, without any configuration of a provider.
    gateways: hasSimulated ? real.gateways : [...real.gateways, simulatorGateway(v, real.gateways)],
    memoryFullSeconds: v.TOCSIN_MEMORY_FULL_SECONDS,
    keepDeliveriesDays: v.TOCSIN_KEEP_DELIVERIES_DAYS,
    coolingHours: v.TOCSIN_COOLING_HOURS,
    idleMinutes: idleMinutesOf(v, demo),
    sessionHours: v.TOCSIN_SESSION_HOURS,
    inDoubt: inDoubtOf(v),
    mapTiles: v.TOCSIN_MAP_TILES,
    metricsToken: v.TOCSIN_METRICS_TOKEN,
    tracesEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
    tracesHeaders: v.OTEL_EXPORTER_OTLP_HEADERS,
    tracesService: v.OTEL_SERVICE_NAME,
    drainSeconds: v.TOCSIN_DRAIN_SECONDS,
    logLevel: v.TOCSIN_LOG_LEVEL,
    logFormat: v.TOCSIN_LOG_FORMAT,
    geoApi: v.TOCSIN_GEO_API,
    companyApi: companyApiOf(v.TOCSIN_COMPANY_API, demo),
    mail: mailOf(v),
    stripe: stripeOf(v),
    identityProvider: identityProviderOf(v),
    lang: readLang(env),
  })
}

function idleMinutesOf(v: Values, demo: boolean): Config['idleMinutes'] {
  if (demo && v.TOCSIN_IDLE_MINUTES === undefined) return undefined
  return Object.freeze({ ...DEFAULT_IDLE, ...v.TOCSIN_IDLE_MINUTES })
}

/** Returns the time of each lane: its own, else the one given for all lanes, else its default. */
function inDoubtOf({ TOCSIN_IN_DOUBT_SECONDS: all, TOCSIN_IN_DOUBT: byLane }: Values): Config['inDoubt'] {
  const ofAll = all === undefined ? {} : Object.fromEntries(LANES.map((lane) => [lane, all]))
  return Object.freeze({ ...DEFAULT_IN_DOUBT, ...ofAll, ...byLane })
}

function mailOf({ TOCSIN_SMTP_URL: url, TOCSIN_MAIL_FROM: from }: Values): Config['mail'] {
  return url === undefined || from === undefined ? undefined : { url, from }
}

function stripeOf(v: Values): Config['stripe'] {
  const { TOCSIN_STRIPE_KEY: key, TOCSIN_STRIPE_WEBHOOK_SECRET: webhookSecret, TOCSIN_STRIPE_API: api } = v
  return key === undefined || webhookSecret === undefined ? undefined : { key, webhookSecret, api }
}

const DEFAULT_SCOPES = {
  oidc: 'openid profile email',
  proconnect: 'openid given_name usual_name email uid siret idp_id',
} as const

function identityProviderOf(v: Values): IdentityProviderSettings | undefined {
  const {
    TOCSIN_OIDC_ISSUER: issuer,
    TOCSIN_OIDC_CLIENT_ID: clientId,
    TOCSIN_OIDC_CLIENT_SECRET: clientSecret,
    TOCSIN_OIDC_KIND: kind,
  } = v
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined
  return {
    issuer,
    kind,
    clientId,
    clientSecret,
    label: v.TOCSIN_OIDC_LABEL ?? (kind === 'proconnect' ? 'ProConnect' : new URL(issuer).host),
    scopes: v.TOCSIN_OIDC_SCOPES ?? DEFAULT_SCOPES[kind],
    acr: v.TOCSIN_OIDC_ACR,
    alg: v.TOCSIN_OIDC_ALG,
  }
}

type SettingName = keyof typeof settings

/** Stands for a value that was given but cannot be read. */
const UNREAD = ' '

/**
 * Reads the secrets that are given as files.
 * @returns the environment with their values, the settings that come from files, and those that cannot be read
 */
function readSecretFiles(given: Environment, readFile: (path: string) => string, problems: Problem[]) {
  const env: Record<string, string | undefined> = { ...given }
  const fromFile = new Set<string>()
  const unread = new Set<string>()
  for (const [name, setting] of Object.entries(settings)) {
    const found = 'secret' in setting ? readSecretVariable(name, given, readFile) : undefined
    if (found === undefined) continue
    if ('text' in found) {
      env[name] = found.text
      if (found.isFile) fromFile.add(name)
    } else {
      problems.push(found.problem)
      env[name] = UNREAD
      unread.add(name)
    }
  }
  return { env, fromFile, unread }
}

/** Parses each setting; those that are unread or refused have no value, and the refused ones are added to the problems. */
function parseValues(
  env: Environment,
  { fromFile, unread }: { readonly fromFile: ReadonlySet<string>; readonly unread: ReadonlySet<string> },
  problems: Problem[],
): Values {
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    if (unread.has(name)) continue
    const parsed = setting.schema.safeParse(env[name] === '' ? undefined : env[name])
    if (parsed.success) values[name] = parsed.data
    else {
      const givenAs = fromFile.has(name) ? fileVariableOf(name) : name
      problems.push(problemOf('config.value', name as SettingName, givenAs))
    }
  }
  return values as Values
}

/** Settings that require others: the first of a line, if it is set, requires the rest of the line. */
const REQUIRED_WITH = [
  ['TOCSIN_SMTP_URL', 'TOCSIN_MAIL_FROM'],
  ['TOCSIN_STRIPE_KEY', 'TOCSIN_STRIPE_WEBHOOK_SECRET'],
  ['TOCSIN_OIDC_ISSUER', 'TOCSIN_OIDC_CLIENT_ID', 'TOCSIN_OIDC_CLIENT_SECRET'],
  ['TOCSIN_BACKUP_DIR', 'TOCSIN_BACKUP_KEY'],
  ['TOCSIN_TIMESTAMP_URL', 'TOCSIN_TIMESTAMP_CA_FILE'],
] as const satisfies readonly (readonly SettingName[])[]

/** Returns what is missing beside the values that are given, and what excludes one another. */
function missingSettings(
  v: Values,
  env: Environment,
  { demo, signs }: { readonly demo: boolean; readonly signs: readonly string[] },
): Problem[] {
  const problems: Problem[] = []
  if (v.TOCSIN_DEMO === undefined && signs.length > 0 && !DECIDES_SERVICE.some((name) => env[name])) {
    problems.push({ code: 'config.demo_unsaid', path: 'TOCSIN_DEMO', values: { names: signs.join(', ') } })
  }
  const required = (names: readonly SettingName[]) =>
    names.filter((name) => !env[name]).map((name) => problemOf('config.required', name))
  if (!demo) problems.push(...required(requiredInService(env)))
  const short = Object.keys(settings).filter((name) => name.startsWith('TOCSIN_SMPP_') && env[name])
  if (v.TOCSIN_GATEWAYS !== undefined && short.length > 0) {
    const values = { names: short.join(', ') }
    problems.push({ code: 'config.gateways_twice', path: 'TOCSIN_GATEWAYS', values })
  }
  for (const [given, ...others] of REQUIRED_WITH)
    if (v[given] !== undefined) problems.push(...required(others))
  if (v.TOCSIN_ANCHOR_MAILS?.length > 0 && !demo) problems.push(...required(['TOCSIN_SMTP_URL']))
  return problems
}

/** Lists what a production installation requires: an SMPP gateway, unless a file names its gateways. */
function requiredInService(env: Environment): SettingName[] {
  const names: SettingName[] = ['TOCSIN_SECRET', 'TOCSIN_BASE_URL']
  if (env.TOCSIN_GATEWAYS) return names
  names.push('TOCSIN_SMPP_HOST')
  if (env.TOCSIN_SMPP_HOST) names.push('TOCSIN_SMPP_SYSTEM_ID', 'TOCSIN_SMPP_PASSWORD')
  return names
}

function keyReader(v: Values, readKeys: ReadKeys): (() => Keyring) | undefined {
  const { TOCSIN_KEYS_FILE: file, TOCSIN_KEYS_COMMAND: command } = v
  if (command !== undefined) return () => parseKeyring(readKeys.command(command))
  return file === undefined ? undefined : () => parseKeyring(readKeys.file(file))
}

function readKeyring(
  v: Values,
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
    problems.push(problemOf('config.value', file.name))
    return undefined
  }
}

/** Settings of production installations only. */
const DECIDES_SERVICE = ['TOCSIN_SECRET', 'TOCSIN_BASE_URL'] as const
/** Settings that name a real database or a real provider. */
const NAMES_REAL = [
  'DATABASE_URL',
  'TOCSIN_GATEWAYS',
  'TOCSIN_SMPP_HOST',
  'TOCSIN_SMPP_SYSTEM_ID',
  'TOCSIN_SMPP_PASSWORD',
  'TOCSIN_SMTP_URL',
  'TOCSIN_STRIPE_KEY',
  'TOCSIN_OIDC_ISSUER',
] as const

/**
 * Names the settings that end the demo unless TOCSIN_DEMO asks for it: its doors without password belong neither on a
 * network nor on a real database.
 */
function signsOfService(env: Environment, host: string | undefined): string[] {
  const names: string[] = [...DECIDES_SERVICE, ...NAMES_REAL].filter((name) => env[name])
  if (host !== undefined && !isLoopback(host)) names.push('HOST')
  return names
}

function isLoopback(host: string): boolean {
  return /^(localhost|::1|\[::1\])$/i.test(host) || (isIP(host) === 4 && host.startsWith('127.'))
}

const COMPANY_API = 'https://recherche-entreprises.api.gouv.fr'

function companyApiOf(given: string | undefined, demo: boolean): string | undefined {
  const chosen = given ?? (demo ? 'off' : COMPANY_API)
  return chosen === 'off' ? undefined : chosen
}

function onlyGateway(gateway: SmppSettings): Pick<Config, 'gateways' | 'routes'> {
  return { gateways: [gateway], routes: [onlyRoute(gateway)] }
}

/** The gateway that the TOCSIN_SMPP_* settings describe. */
function singleGateway(v: Values): SmppSettings {
  const host = v.TOCSIN_SMPP_HOST ?? ''
  return Object.freeze({
    ...smppDefaults(v),
    name: 'smpp',
    simulated: false,
    host,
    port: v.TOCSIN_SMPP_PORT,
    tls: v.TOCSIN_SMPP_TLS && { servername: host },
    systemId: v.TOCSIN_SMPP_SYSTEM_ID ?? '',
    password: v.TOCSIN_SMPP_PASSWORD ?? '',
    partsPerSecond: v.TOCSIN_SMPP_RATE,
    query: false,
    cancel: false,
  })
}

/**
 * The gateway to the simulator inside each sending process, with a name and an account that no other has; port and
 * password are known once the simulator is started.
 */
function simulatorGateway(v: Values, others: readonly GatewaySettings[]): SmppSettings {
  const accounts = others.flatMap((other) =>
    other.kind === 'smpp' ? [other.systemId.trim().toLowerCase()] : [],
  )
  return Object.freeze({
    ...smppDefaults(v),
    name: freeName(
      'simulator',
      others.map(({ name }) => name),
    ),
    simulated: true,
    host: '127.0.0.1',
    port: 0,
    tls: false,
    systemId: freeName('tocsin', accounts),
    password: '',
    partsPerSecond: v.TOCSIN_SMPP_RATE,
    query: true,
    cancel: true,
  })
}

/** Returns the name, with as many dashes as make it free. */
function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? freeName(`${name}-`, taken) : name
}

function smppDefaults(v: Values) {
  return {
    kind: 'smpp',
    systemType: '',
    bind: v.TOCSIN_SMPP_BIND,
    links: v.TOCSIN_SMPP_LINKS,
    windowPerLink: v.TOCSIN_SMPP_WINDOW,
    window: v.TOCSIN_SMPP_LINKS * v.TOCSIN_SMPP_WINDOW,
    concatenation: v.TOCSIN_SMPP_CONCATENATION,
    addressing: {},
    enquireLinkSeconds: 30,
    responseSeconds: 10,
    probeMessage: undefined,
  } as const
}

/** @param given the name by which the value was given: that of the setting, or of its file */
function problemOf(
  code: 'config.value' | 'config.required',
  name: SettingName,
  given: string = name,
): Problem {
  const { meaning, meaningFr } = settings[name]
  return { code, path: given, values: { name: given, meaning, meaningFr } }
}

function noFiles(): string {
  throw Object.assign(new Error('no files here'), { code: 'ENOENT' })
}

/** Returns the language of the terminal. It is read separately, since errors in the settings are reported in it too. */
export function readLang(env: Environment): 'fr' | 'en' {
  for (const value of [env.TOCSIN_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG]) {
    const lang = value?.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}

/** Returns whether npm started this process, which must then end before npm does. */
export function isUnderNpm(env: Environment): boolean {
  return env.npm_lifecycle_event !== undefined
}
