import { Button, TextInput, UnstyledButton } from '@mantine/core'
import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import IconCircleCheck from '@tabler/icons-react/icons/IconCircleCheck'
import IconHandStop from '@tabler/icons-react/icons/IconHandStop'
import { useEffect, useRef, useState } from 'react'
import type { Remark } from '../../../../src/guard/guard.ts'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from './Guard.module.css'
import type { RoomGuard } from './guard.ts'
import type { Passing } from './usePassing.ts'

const EXCERPT = 40
/** The list scrolls with more remarks than this on the smallest screens. */
const ALWAYS_SHOWN = 2

interface Fixing {
  readonly guard: Pick<RoomGuard, 'first' | 'fixAll'>
  /** Null: nothing was fixed, or the text was changed since. */
  readonly undo: (() => void) | null
  readonly onFix: (text: string) => void
}

/**
 * Lists the guard's remarks on the message: reason, words, lowest level that allows it, and a fix; one key applies the
 * first fix.
 */
export function Remarks(props: {
  text: string
  /** In the order of the text; null until the guard has run. */
  remarks: readonly Remark[] | null
  /** Absent if the text is read-only. */
  fixing?: Fixing
  passing?: Passing
}) {
  const { t } = useText()
  const { remarks, text, fixing } = props
  const undo = fixing?.undo ?? null
  if (remarks === null || text.trim() === '') return null
  const blocking = remarks.filter((one) => one.severity === 'block').length
  const fixable = remarks.filter((one) => one.fix !== null).length
  return (
    // No landmark: a page of approvals has one a card.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div className={classes.remarks} role="group" aria-label={t('remarks.label')}>
      <div
        className={classes.summary}
        data-severity={severityOf(remarks)}
        // A single remark needs no summary.
        data-alone={(remarks.length === 1 && undo === null) || undefined}
      >
        <p role="status">
          {remarks.length === 0 ? (
            <>
              <IconCircleCheck size={15} aria-hidden /> {t('remarks.none')}
            </>
          ) : (
            t('remarks.count', { count: remarks.length, blocking })
          )}
        </p>
        {undo !== null && (
          <UnstyledButton className={classes.small} onClick={undo}>
            {t('remarks.undo')}
          </UnstyledButton>
        )}
        {fixing !== undefined && fixable > 1 && (
          <UnstyledButton
            className={classes.small}
            aria-keyshortcuts="Alt+Shift+R"
            onClick={() => fixing.onFix(fixing.guard.fixAll())}
          >
            {t('remarks.fixAll')} <kbd aria-hidden>{t('key.altShiftR')}</kbd>
          </UnstyledButton>
        )}
      </div>
      {remarks.length > 0 && (
        <ul
          // Beside a text that is edited, the list has a limited height, so that it does not push the other fields away.
          className={fixing === undefined ? classes.whole : classes.bounded}
          // Remarks without a fix have nothing focusable, so the list itself is focusable for scrolling by arrow keys.
          {...(fixing !== undefined && remarks.length > ALWAYS_SHOWN && { tabIndex: 0 })}
        >
          {remarks.map((remark) => (
            <Row
              key={`${remark.code}${remark.start}`}
              remark={remark}
              words={text.slice(remark.start, remark.end)}
              fixing={fixing}
              passing={props.passing}
            />
          ))}
        </ul>
      )}
    </div>
  )
}

function severityOf(remarks: readonly Remark[]): 'block' | 'warn' | 'none' {
  if (remarks.some((one) => one.severity === 'block')) return 'block'
  return remarks.length > 0 ? 'warn' : 'none'
}

function Row(props: {
  remark: Remark
  words: string
  fixing: Fixing | undefined
  passing: Passing | undefined
}) {
  const { t } = useText()
  const { remark, words, fixing, passing } = props
  const [isPassing, setPassing] = useState(false)
  const row = useRef<HTMLLIElement>(null)
  const isDone = remark.pass === 'done'
  // The form is gone with the focus in it.
  useEffect(() => {
    if (!isDone || !isPassing) return
    setPassing(false)
    row.current?.focus()
  }, [isDone, isPassing])
  const { fix } = remark
  const isFirst = remark === fixing?.guard.first
  const Icon = remark.severity === 'block' ? IconHandStop : IconAlertTriangle
  return (
    <li
      ref={row}
      tabIndex={isDone ? -1 : undefined}
      className={classes.remark}
      data-severity={remark.severity}
    >
      <Icon size={15} className={classes.icon ?? ''} aria-label={t(`remarks.severity.${remark.severity}`)} />
      <Reason remark={remark} words={words} isForChief={passing?.isAllowed === false} />
      <span className={classes.acts}>
        {remark.pass === 'possible' && passing?.isAllowed === true && !isPassing && (
          <Button
            size="compact-xs"
            variant={fixing === undefined ? 'light' : 'subtle'}
            className={classes.fix ?? ''}
            onClick={() => setPassing(true)}
          >
            {t('remarks.pass')}
          </Button>
        )}
        {fixing !== undefined && fix !== null && (
          <Button
            size="compact-xs"
            variant={isFirst ? 'light' : 'subtle'}
            className={classes.fix ?? ''}
            onClick={() => fixing.onFix(fix.text)}
            {...(isFirst && { 'aria-keyshortcuts': 'Alt+R' })}
          >
            {t(fix.label as TextKey)}
            {isFirst && <kbd aria-hidden>{t('key.altR')}</kbd>}
          </Button>
        )}
      </span>
      {isPassing && remark.pass === 'possible' && passing !== undefined && (
        <PassForm words={words} passing={passing} onClose={() => setPassing(false)} />
      )}
    </li>
  )
}

/** Quotes the words of a remark and says what is wrong with them, and who may let them stand. */
function Reason(props: { remark: Remark; words: string; isForChief: boolean }) {
  const { t } = useText()
  const { remark, words } = props
  const excerpt = words.length > EXCERPT ? `${words.slice(0, EXCERPT)}…` : words
  return (
    <p title={`${excerpt} ${t(`guard.${remark.code}`)}`.trim()}>
      {excerpt !== '' && <q>{excerpt.replaceAll('\n', ' ')}</q>} {t(`guard.${remark.code}`)}
      {remark.pass === 'done' && <span className={classes.level}>{t('remarks.pass.done')}</span>}
      {remark.pass === 'possible' && props.isForChief && (
        <span className={classes.level}>{t('remarks.pass.chief')}</span>
      )}
      {remark.allowedFrom !== null && (
        <span className={classes.level}>
          {t('remarks.from', { level: t(`guard.level.${remark.allowedFrom}`) })}
        </span>
      )}
    </p>
  )
}

/** Asks why the words are no name of a shop. */
function PassForm(props: { words: string; passing: Passing; onClose: () => void }) {
  const { t } = useText()
  const { words, passing } = props
  const [typed, setTyped] = useState('')
  const reason = typed.trim()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const passWords = () => {
    if (reason !== '' && !passing.isPending) passing.onPass(words, reason)
  }
  return (
    <div className={classes.pass}>
      <TextInput
        ref={field}
        size="xs"
        aria-label={t('remarks.pass.reason')}
        placeholder={t('remarks.pass.placeholder')}
        maxLength={500}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            // Closes the form, not the dialog or the call around it.
            event.stopPropagation()
            props.onClose()
          }
          if (event.key === 'Enter') {
            event.preventDefault()
            passWords()
          }
        }}
      />
      <Button size="compact-xs" variant="default" className={classes.fix ?? ''} onClick={props.onClose}>
        {t('action.cancel')}
      </Button>
      <Button
        size="compact-xs"
        className={classes.fix ?? ''}
        disabled={reason === ''}
        loading={passing.isPending}
        onClick={passWords}
      >
        {t('remarks.pass.give')}
      </Button>
      <Failure error={passing.failure} />
    </div>
  )
}
