import { UnstyledButton } from '@mantine/core'
import IconAlignLeft from '@tabler/icons-react/icons/IconAlignLeft'
import IconBolt from '@tabler/icons-react/icons/IconBolt'
import IconBuildingStore from '@tabler/icons-react/icons/IconBuildingStore'
import IconClock from '@tabler/icons-react/icons/IconClock'
import IconMapPin from '@tabler/icons-react/icons/IconMapPin'
import { type ReactNode, useEffect, useRef } from 'react'
import { hourOf } from '../../../../src/message/clock.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { LineSpan, UnderstoodLine } from '../../../../src/schemes/line/parse.ts'
import { communeNameOf } from '../../../ui/format/format.ts'
import { SeverityMark } from '../../../ui/format/severity.tsx'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { FACTS_ID, LINE_ID, PLACE_ID, PRECISE_ID } from '../ids.ts'
import type { Draft } from '../text/draft.ts'
import { typeInto } from '../typeInto.ts'
import classes from './LineField.module.css'
import { categoryOfKey, isKey, keyAndPlace } from './line.ts'

/** Below this width a field that has the focus opens the keyboard of the phone. */
const WIDE = '(min-width: 761px)'

/** One line from which the fields of the call are filled, and what was understood of it. */
export function LineField(props: {
  scheme: SchemeView
  draft: Draft
  understood: UnderstoodLine | null
  onChange: (line: string) => void
  /** The key of a category and the first letters of a place were typed, as without a field. */
  onKey: (categoryCode: string) => void
  /** Enter: goes on to what is missing. */
  onDone: () => void
}) {
  const { t } = useText()
  const { draft, understood, scheme } = props
  const input = useRef<HTMLInputElement>(null)
  const back = useRef<HTMLDivElement>(null)

  // A call that opens starts here, unless the focus is somewhere else already.
  const isBlank = draft.calledAt === null
  useEffect(() => {
    if (!isBlank || !matchMedia(WIDE).matches) return
    // The shell gives a new page the focus as a whole.
    const { activeElement } = document
    if (activeElement === null || activeElement.matches('body, main')) input.current?.focus()
  }, [isBlank])

  // After a call was recorded or refused the next one starts here, and a phone still shows the foot of the form.
  const wasBlank = useRef(isBlank)
  useEffect(() => {
    if (isBlank && !wasBlank.current) input.current?.scrollIntoView({ block: 'center' })
    wasBlank.current = isBlank
  }, [isBlank])

  const onChange = (typed: string) => {
    const begun = keyAndPlace(typed)
    const category = scheme.categories.find(({ position }) => position === begun?.position)
    if (begun === undefined || category === undefined) return props.onChange(typed)
    props.onKey(category.code)
    typeInto(PLACE_ID, begun.letters)
  }

  return (
    <div className={classes.intake}>
      <div className={classes.field}>
        <IconBolt size={18} className={classes.icon ?? ''} aria-hidden />
        <div ref={back} className={classes.back} aria-hidden>
          {underlined(draft.line, isKey(draft.line) ? [] : (understood?.spans ?? []))}
        </div>
        <input
          ref={input}
          id={LINE_ID}
          className={classes.input}
          aria-label={t('line.label')}
          aria-keyshortcuts="Alt+L"
          placeholder={t('line.placeholder')}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={300}
          value={draft.line}
          onChange={(event) => onChange(event.currentTarget.value)}
          onScroll={(event) => {
            if (back.current !== null) back.current.scrollLeft = event.currentTarget.scrollLeft
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing)
              return
            event.preventDefault()
            props.onDone()
          }}
        />
        <kbd className={classes.key} aria-hidden>
          {t('key.altL')}
        </kbd>
      </div>
      <Understood {...props} />
    </div>
  )
}

function underlined(line: string, spans: readonly LineSpan[]): ReactNode[] {
  const parts: ReactNode[] = []
  let from = 0
  for (const { start, end } of spans) {
    parts.push(line.slice(from, start), <u key={start}>{line.slice(start, end)}</u>)
    from = end
  }
  return [...parts, line.slice(from)]
}

/** Shows what was understood, in a fixed order; a chip leads to its field. */
function Understood(props: { scheme: SchemeView; draft: Draft; understood: UnderstoodLine | null }) {
  const { t, lang } = useText()
  const { scheme, draft, understood } = props
  const category =
    categoryOfKey(draft.line, scheme.categories) ??
    scheme.categories.find(({ code }) => code === understood?.categoryCode)
  const { commune: said = null, place = '', when = null } = understood ?? {}
  // Chosen by hand since, in its field or on the map, the place is another one than the line says.
  const commune = said !== null && draft.byHand.includes('commune') ? draft.commune : said
  const facts = isKey(draft.line) ? '' : (understood?.facts ?? '')
  const hour = when && hourOf(when.at, scheme.timeZone)
  const chips = [
    category && {
      field: 'category' as const,
      icon: <SeverityMark severity={category.severity} />,
      text: labelOf(lang, category),
      target: `quoi-${category.code}`,
    },
    commune && {
      field: 'commune' as const,
      icon: <IconMapPin size={15} aria-hidden />,
      text: communeNameOf(commune),
      target: PLACE_ID,
    },
    place !== '' && {
      field: 'place' as const,
      icon: <IconBuildingStore size={15} aria-hidden />,
      text: place,
      target: PRECISE_ID,
    },
    when && {
      field: 'when' as const,
      icon: <IconClock size={15} aria-hidden />,
      text: when.isAbout ? t('line.about', { hour: hour ?? '' }) : (hour ?? ''),
      target: when.ago === null ? 'quand-other' : `quand-${when.ago}`,
    },
    facts !== '' && {
      field: 'facts' as const,
      icon: <IconAlignLeft size={15} aria-hidden />,
      text: facts,
      target: FACTS_ID,
    },
  ].filter((one) => !!one)
  if (chips.length === 0) return null
  return (
    <ul className={classes.chips} aria-label={t('line.understood')}>
      {chips.map(({ field, icon, text, target }) => (
        <li key={field} data-field={field}>
          <UnstyledButton
            className={classes.chip}
            title={text}
            aria-label={t('line.chip', { field: t(`line.field.${field}`), value: text })}
            onClick={() =>
              (
                document.getElementById(target) ?? document.querySelector<HTMLElement>('input[id^="quand-"]')
              )?.focus()
            }
          >
            {icon}
            <span>{text}</span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  )
}
