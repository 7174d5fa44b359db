import { z } from 'zod'
import type { ValuesOf } from './setting.ts'

/** The setting that opens the metrics. */
export const metricsSettings = {
  TOCSIN_METRICS_TOKEN: {
    secret: true,
    schema: z.string().min(16).optional(),
    meaning:
      'Token that opens GET /metrics (Prometheus), 16 characters or more: Authorization: Bearer TOKEN. Without it there is no /metrics.',
    meaningFr:
      'Jeton qui ouvre GET /metrics (Prometheus), 16 caractères au moins : Authorization: Bearer JETON. Sans lui, /metrics n’existe pas.',
  },
} as const

/** Settings of traces and of the log. */
export const telemetrySettings = {
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
} as const

type TelemetryValues = ValuesOf<typeof metricsSettings & typeof telemetrySettings>

/** Metrics, traces and log. */
export interface TelemetryConfig {
  readonly metricsToken: string | undefined
  /** Base URL of the collector of traces. */
  readonly tracesEndpoint: string | undefined
  /** As in `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly tracesHeaders: string | undefined
  readonly tracesService: string
  readonly logLevel: TelemetryValues['TOCSIN_LOG_LEVEL']
  /** Undefined: words on a terminal, else JSON. */
  readonly logFormat: TelemetryValues['TOCSIN_LOG_FORMAT']
}

/** Puts together the settings of metrics, traces and log. */
export function toTelemetryConfig(v: TelemetryValues): TelemetryConfig {
  return {
    metricsToken: v.TOCSIN_METRICS_TOKEN,
    tracesEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
    tracesHeaders: v.OTEL_EXPORTER_OTLP_HEADERS,
    tracesService: v.OTEL_SERVICE_NAME,
    logLevel: v.TOCSIN_LOG_LEVEL,
    logFormat: v.TOCSIN_LOG_FORMAT,
  }
}
