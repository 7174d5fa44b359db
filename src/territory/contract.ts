import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import type { ContourTopology } from './map/topology.ts'

/** Code of a département: 63, 2A, 974. */
export const DepartementCode = z.string().regex(/^(\d{2,3}|2[AB])$/)

/** INSEE code of a commune (2A and 2B in Corsica). */
export const CommuneCode = z.string().regex(/^(\d{2}|2[AB])\d{3}$/)

/** Maximum number of places that a search returns. */
export const MAX_PLACES = 20

/** A point in WGS 84 degrees. */
export const Point = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
})
export type Point = z.infer<typeof Point>

const SimpleArea = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('commune'), code: CommuneCode }),
  /** The commune and those whose contours touch it (without contours: the nearest ones). */
  z.object({ kind: z.literal('neighbours'), code: CommuneCode }),
  z.object({
    kind: z.literal('radius'),
    centre: z.union([z.object({ commune: CommuneCode }), Point]),
    kilometres: z.number().positive().max(200),
  }),
  /** SIREN of the EPCI (agglomeration, community of communes). */
  z.object({ kind: z.literal('epci'), code: z.string().regex(/^\d{9}$/) }),
  z.object({ kind: z.literal('arrondissement'), code: z.string().regex(/^[0-9AB]{3,4}$/) }),
  z.object({ kind: z.literal('departement'), code: z.string().regex(/^(\d{2,3}|2[AB])$/) }),
  z.object({ kind: z.literal('region'), code: z.string().regex(/^\d{2,3}$/) }),
  /** A named set of communes of the scheme. */
  z.object({ kind: z.literal('sector'), id: z.uuid() }),
  z.object({ kind: z.literal('communes'), codes: z.array(CommuneCode).min(1).max(2000) }),
  /** The whole territory of the scheme. */
  z.object({ kind: z.literal('scheme') }),
])

/** An area, which resolves to communes. A union contains simple areas only. */
export const Area = z.union([
  SimpleArea,
  z.object({ kind: z.literal('union'), areas: z.array(SimpleArea).min(1).max(50) }),
])
export type SimpleArea = z.infer<typeof SimpleArea>
export type Area = z.infer<typeof Area>

/** A place found by the search. */
export const Place = z.object({
  code: CommuneCode,
  name: z.string(),
  /** The former commune by whose name the place was found; null when it was found by its own name. */
  formerName: z.string().nullable(),
  postalCodes: z.array(z.string()),
  departementCode: z.string(),
  population: z.number(),
  epci: z.object({ code: z.string(), name: z.string(), kind: z.string() }).nullable(),
  arrondissement: z.object({ code: z.string(), name: z.string() }).nullable(),
  point: Point.nullable(),
})
export type Place = z.infer<typeof Place>

/** An area to propose as a chip around a commune, with its number of communes. */
export const AreaChoice = z.object({
  area: Area,
  /** Name for screens, as the data has it: "CA Agglo Pays d'Issoire". */
  name: z.string(),
  /** Name for the text of a message, with its article: "agglomération d'Issoire". */
  words: z.string(),
  communes: z.number(),
  /** Communes of the area without a known point: they count in areas by name and are missing from a radius. */
  withoutPoint: z.array(z.object({ code: CommuneCode, name: z.string() })),
})
export type AreaChoice = z.infer<typeof AreaChoice>

const CommuneName = z.object({ code: CommuneCode, name: z.string() })

/** GET …/places */
export const Places = z.object({ places: z.array(Place) })

/** A name under which a commune is found: its own, or that of a commune merged into it. */
export const PlaceName = z.object({
  code: CommuneCode,
  name: z.string(),
  /** The former commune of that name; null for the commune's own name. */
  formerName: z.string().nullable(),
  population: z.number(),
  /** The first postal code; null: none is known. */
  postalCode: z.string().nullable(),
})
export type PlaceName = z.infer<typeof PlaceName>

/** GET …/places/names */
export const PlaceNames = z.object({ names: z.array(PlaceName) })

/** GET …/areas */
export const AreaChoices = z.object({ choices: z.array(AreaChoice) })

/** Body of POST …/areas/resolve. */
export const NamedArea = z.object({ area: Area })

/**
 * Response of POST …/areas/resolve. `withoutPoint` lists communes of the area without a known point, and communes without a
 * point that may or may not lie inside a circle of the area (these are not among `communes`).
 */
export const ResolvedAreaView = z.object({
  communes: z.array(CommuneName),
  withoutPoint: z.array(CommuneName),
})

/** The communes of a scheme's territory, and where their contours are. */
export const TerritoryMap = z.object({
  departements: z.array(
    z.object({
      code: DepartementCode,
      /** Changes with the contours: `getContours` answers the same for ever to the same version. Null: there are none. */
      version: z.string().nullable(),
      /** Source of imported contours; null: they came with the program. */
      source: z.string().nullable(),
    }),
  ),
  communes: z.array(
    z.object({
      code: CommuneCode,
      name: z.string(),
      departement: DepartementCode,
      population: z.number(),
      point: Point.nullable(),
    }),
  ),
})
export type TerritoryMap = z.infer<typeof TerritoryMap>

/** A public map of a scheme's territory: its outline and its towns, nothing about its members. */
export const PublicMap = z.object({
  /** Parts that are far from each other, the one with the most inhabitants first. */
  parts: z.array(
    z.object({
      /** Size of the drawing, in units. */
      width: z.number(),
      height: z.number(),
      kilometresPerUnit: z.number(),
      /** Path in SVG; empty without contours. */
      outline: z.string(),
      /** The largest communes first. */
      towns: z.array(z.object({ name: z.string(), population: z.number(), x: z.number(), y: z.number() })),
    }),
  ),
  /** Sources of imported contours; empty: they came with the program. */
  sources: z.array(z.string()),
})
export type PublicMap = z.infer<typeof PublicMap>

/** GET /api/contours/:departement. Typed only: its thousands of positions are not checked again. */
export const Contours = z
  .custom<ContourTopology>()
  .meta({ type: 'object', description: 'TopoJSON: a geometry for each commune, with its INSEE code as id' })

nameSchemas({
  Area,
  AreaChoice,
  AreaChoices,
  Contours,
  NamedArea,
  Place,
  PlaceName,
  PlaceNames,
  Places,
  Point,
  PublicMap,
  ResolvedAreaView,
  TerritoryMap,
})
