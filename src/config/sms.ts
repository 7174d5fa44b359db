import { z } from 'zod'
import { LANES, type Lane } from '../deliveries/lanes.ts'
import type { RouteRule } from '../deliveries/send/routing.ts'
import { bounds, type GatewaySettings, onlyRoute, type SmppSettings } from '../gateways/settings.ts'
import { bool, port, type ValuesOf } from './setting.ts'

const seconds = z.coerce.number().min(0).max(3600)
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

/**
 * Seconds before a submission in doubt is sent again. An alert read twice does less harm than one never received; a
 * service message or a reminder read twice is worse than a late one, and a receipt may still settle it.
 */
const DEFAULT_IN_DOUBT: SmsConfig['inDoubt'] = {
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

/** Settings of the gateways, and of what is sent again. */
export const smsSettings = {
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
} as const

/** The setting of how long deliveries are kept. */
export const deliveryPeriodSettings = {
  TOCSIN_KEEP_DELIVERIES_DAYS: {
    schema: z.coerce.number().int().min(1).max(3650).default(180),
    meaning:
      'Days after which who received what is removed, once a broadcast is over; its figures stay. 1 to 3650.',
    meaningFr:
      'Jours au bout desquels le détail des remises d’une diffusion terminée est effacé ; ses chiffres restent. De 1 à 3650.',
  },
} as const

type SmsValues = ValuesOf<typeof smsSettings>

/** Gateways, routes, what is sent again, and how long deliveries are kept. */
export interface SmsConfig {
  /** At least one; their names differ. */
  readonly gateways: readonly GatewaySettings[]
  /** Prefix rules come first; the last route accepts every number. */
  readonly routes: readonly RouteRule[]
  /** Seconds before a submission in doubt is sent again, by lane; `never`: it waits for its receipt. */
  readonly inDoubt: Readonly<Record<Lane, number | 'never'>>
  /** Seconds before a phone whose memory was full is tried once more; `never`: it is not. */
  readonly memoryFullSeconds: number | 'never'
  readonly keepDeliveriesDays: number
}

type Routing = Pick<SmsConfig, 'gateways' | 'routes'>

/**
 * Puts together the settings of sending.
 * @param file the gateways and routes of the file that TOCSIN_GATEWAYS names
 */
export function toSmsConfig(
  v: SmsValues & ValuesOf<typeof deliveryPeriodSettings>,
  file: Routing | undefined,
  demo: boolean,
): SmsConfig {
  const real = file ?? onlyGateway(demo ? simulatorGateway(v, []) : singleGateway(v))
  const hasSimulated = real.gateways.some(({ simulated }) => simulated)
  return {
    // Exercises work on any installation, without any configuration of a provider.
    gateways: hasSimulated ? real.gateways : [...real.gateways, simulatorGateway(v, real.gateways)],
    routes: real.routes,
    inDoubt: inDoubtOf(v),
    memoryFullSeconds: v.TOCSIN_MEMORY_FULL_SECONDS,
    keepDeliveriesDays: v.TOCSIN_KEEP_DELIVERIES_DAYS,
  }
}

/** Returns the time of each lane: its own, else the one given for all lanes, else its default. */
function inDoubtOf({
  TOCSIN_IN_DOUBT_SECONDS: all,
  TOCSIN_IN_DOUBT: byLane,
}: SmsValues): SmsConfig['inDoubt'] {
  const ofAll = all === undefined ? {} : Object.fromEntries(LANES.map((lane) => [lane, all]))
  return Object.freeze({ ...DEFAULT_IN_DOUBT, ...ofAll, ...byLane })
}

function onlyGateway(gateway: SmppSettings): Routing {
  return { gateways: [gateway], routes: [onlyRoute(gateway)] }
}

/** The gateway that the TOCSIN_SMPP_* settings describe. */
function singleGateway(v: SmsValues): SmppSettings {
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
function simulatorGateway(v: SmsValues, others: readonly GatewaySettings[]): SmppSettings {
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

function smppDefaults(v: SmsValues) {
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
