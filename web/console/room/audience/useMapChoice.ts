import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { mapQuery, placeNamesQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import type { Draft } from '../text/draft.ts'
import { keyOf } from './areas.ts'
import { drawArea } from './drawn.ts'

type Chosen = Pick<Draft, 'commune' | 'area' | 'byHand'>

/** A click or a drag on the map: what it changed, and what was chosen before. */
interface Step {
  readonly draft: string
  readonly before: Chosen
  readonly after: { readonly commune?: string; readonly area?: string }
}

const keyOrNone = (area: AreaChoice | null) => (area === null ? '' : keyOf(area.area))

/** Chooses the place of the facts and the area warned on the map. */
export function useMapChoice(room: {
  readonly schemeId: string
  readonly draft: Draft
  /** The key of the draft. */
  readonly current: string
  readonly change: (patch: Partial<Draft>) => void
  readonly pickCommune: (commune: Draft['commune']) => void
  readonly chooseArea: (area: AreaChoice | null) => void
  /** The areas proposed around the place. */
  readonly choices: readonly AreaChoice[]
  /** The communes of the area; null while they are not known. */
  readonly lit: ReadonlyMap<string, number> | null
}) {
  const { schemeId, draft, current } = room
  const { t, lang } = useText()
  const communes = useQuery(mapQuery(schemeId)).data?.communes ?? []
  const names = useQuery(placeNamesQuery(schemeId)).data
  const [steps, setSteps] = useState<readonly Step[]>([])

  // The map does not undo what was chosen by other means since.
  const isLast = (step: Step) =>
    step.draft === current &&
    (step.after.commune === undefined || step.after.commune === draft.commune?.code) &&
    (step.after.area === undefined || step.after.area === keyOrNone(draft.area))
  const last = steps.at(-1)
  const open = last !== undefined && isLast(last) ? last : undefined
  const addStep = (after: Step['after']) => {
    const { commune, area, byHand } = draft
    const step = { draft: current, before: { commune, area, byHand }, after }
    setSteps([...(open === undefined ? [] : steps), step])
  }

  return {
    /** Whether what is chosen was chosen on the map, which then stays where it is. */
    isFromMap: open !== undefined,
    pickPlace: (code: string) => {
      const found = communes.find((one) => one.code === code)
      if (found === undefined || code === draft.commune?.code) return
      const known = names?.find((one) => one.code === code && one.formerName === null)
      addStep({ commune: code })
      room.pickCommune({ code, name: found.name, postalCode: known?.postalCode ?? null })
    },
    drawOver: (codes: readonly string[], on: boolean) => {
      const { area } = draft
      if (room.lit === null) return
      const next = drawArea({ area, codes, on, communes, t, lang, lit: room.lit, choices: room.choices })
      if (keyOrNone(next) === keyOrNone(area)) return
      addStep({ area: keyOrNone(next) })
      room.chooseArea(next)
    },
    undo:
      open === undefined
        ? null
        : () => {
            setSteps(steps.slice(0, -1))
            room.change(open.before)
          },
  }
}
