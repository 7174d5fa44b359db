import { Combobox, Modal, TextInput, useCombobox } from '@mantine/core'
import IconSearch from '@tabler/icons-react/icons/IconSearch'
import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { communeNameOf, momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { useSettled } from '../../ui/useSettled.ts'
import type { Current } from '../shell/current.tsx'
import { useLock } from '../shell/lock/idle.ts'
import { commandsFor, type Found, type Group, matchCommands } from './commands.ts'
import classes from './Palette.module.css'
import { foundQueries } from './queries.ts'

const GROUPS: readonly Group[] = ['members', 'alerts', 'communes', 'actions', 'screens', 'settings']
/** Shown of each kind that the server does not search. */
const SHOWN = 6
/** Milliseconds without a key before the server is asked. */
const PAUSE_MS = 180
/** Milliseconds that Enter waits for the server where a command of the screen was found. */
const ENTER_WAIT_MS = 1000

/** Finds members, alerts, communes, screens, settings and actions, by the rights of the user. */
export function Palette(props: {
  current: Current
  /** The text in its field, which the user may begin to type before this component is loaded. */
  typed: string
  onType: (typed: string) => void
  onClose: () => void
  onKeys: () => void
}) {
  const { t } = useText()
  const { current, typed, onClose } = props
  const navigate = useNavigate()
  const lock = useLock()
  const { found, few, isLooking } = useFound(current, typed)
  const store = useCombobox({ opened: true })
  const { selectFirstOption } = store
  // Enter pressed before the results are there follows the first of them: those listed until then may be of fewer letters.
  const [isEntered, setEntered] = useState(false)
  const ids = found.map(({ id }) => id).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first of what is listed anew
  useEffect(() => {
    selectFirstOption()
  }, [ids])
  const follow = (id: string) => {
    const one = found.find((each) => each.id === id)
    if (one === undefined) return
    if (one.act === 'keys') return props.onKeys()
    onClose()
    if (one.act === 'lock') lock()
    else if (one.file !== undefined) window.location.assign(one.file)
    else if (one.link !== undefined) void navigate(one.link as Parameters<typeof navigate>[0])
  }
  const isToFollow = isEntered && !isLooking
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the results of what was typed are there
  useEffect(() => {
    if (!isToFollow) return
    setEntered(false)
    const [first] = GROUPS.flatMap((group) => found.filter((one) => one.group === group))
    if (first !== undefined) follow(first.id)
  }, [isToFollow])
  // A command of the screen itself, such as the lock, waits for no server that does not answer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing resets it
  useEffect(() => {
    const [command] = few
    if (!isEntered || command === undefined) return
    const timer = setTimeout(() => follow(command.id), ENTER_WAIT_MS)
    return () => clearTimeout(timer)
  }, [isEntered])
  const message = isLooking ? t('palette.looking') : found.length === 0 ? t('palette.none') : ''
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={640}
      centered={false}
      yOffset="10dvh"
      padding={0}
      title={t('nav.search')}
      classNames={{ header: classes.header ?? '', body: classes.body ?? '' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Combobox store={store} onOptionSubmit={follow}>
        {/* Before the list takes the key. */}
        <div
          onKeyDownCapture={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing || !isLooking) return
            event.preventDefault()
            event.stopPropagation()
            setEntered(true)
          }}
        >
          <Combobox.EventsTarget withExpandedAttribute>
            <TextInput
              data-autofocus
              size="md"
              aria-label={t('palette.label')}
              placeholder={t('palette.placeholder')}
              leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
              value={typed}
              onChange={(event) => {
                setEntered(false)
                props.onType(event.currentTarget.value)
              }}
              onKeyDown={(event) => {
                if (event.key === 'Escape') onClose()
              }}
            />
          </Combobox.EventsTarget>
        </div>
        <p role="status" className={classes.message}>
          {message}
        </p>
        <Combobox.Options className={classes.options ?? ''} aria-label={t('palette.results')}>
          {GROUPS.map((group) => {
            const own = found.filter((one) => one.group === group)
            return (
              own.length > 0 && (
                <Combobox.Group key={group} label={t(`palette.group.${group}`)}>
                  {own.map(({ id, label, hint }) => (
                    <Combobox.Option key={id} value={id} className={classes.option ?? ''}>
                      <span>{label}</span>
                      {hint !== undefined && <small>{hint}</small>}
                    </Combobox.Option>
                  ))}
                </Combobox.Group>
              )
            )
          })}
        </Combobox.Options>
      </Combobox>
    </Modal>
  )
}

/** Searches the commands at once, and the server after a pause. */
function useFound(
  current: Current,
  typed: string,
): {
  readonly found: Found[]
  /** The part of `found` that no server was asked for. */
  readonly few: Found[]
  /** Tells whether `found` lacks results for what was typed. */
  readonly isLooking: boolean
} {
  const { t, lang } = useText()
  const now = useMinute()
  const commands = useMemo(() => commandsFor(current, t), [current, t])
  const asked = useSettled(typed.trim(), PAUSE_MS)
  const [members, alerts, communes, payers] = useQueries({ queries: foundQueries(current, asked) })
  const isAsked = typed.trim().length > 1
  const local = matchCommands(commands, typed)
  const few = GROUPS.flatMap((group) => local.filter((one) => one.group === group).slice(0, SHOWN))
  if (!isAsked) return { found: few, few, isLooking: false }
  const served: Found[] = [
    ...(payers.data ?? []).map(
      ({ id, name, reference }): Found => ({
        id: `dues ${id}`,
        group: 'members',
        label: name,
        hint: t('palette.dues', { reference }),
        link: { to: '/cotisations', search: { membre: id } },
      }),
    ),
    ...(members.data?.members ?? []).map(
      (member): Found => ({
        id: `member ${member.id}`,
        group: 'members',
        label: member.name,
        hint: member.commune.name,
        link: { to: '/adherents/$memberId', params: { memberId: member.id } },
      }),
    ),
    ...(alerts.data?.alerts ?? []).map(
      (alert): Found => ({
        id: `alert ${alert.id}`,
        group: 'alerts',
        label: `${labelOf(lang, alert.category)}, ${alert.commune.name}`,
        hint: `${alert.reference} · ${momentOf(lang, alert.orderedAt ?? alert.createdAt, now)}`,
        link: { to: '/alertes/$alertId', params: { alertId: alert.id } },
      }),
    ),
    ...(communes.data?.places ?? []).map(
      (place): Found => ({
        id: `commune ${place.code} ${place.formerName ?? ''}`,
        group: 'communes',
        label: communeNameOf(place),
        hint: t(current.may('member.read') ? 'palette.commune.members' : 'palette.commune.alerts'),
        link: current.may('member.read')
          ? { to: '/adherents', search: { commune: place.code } }
          : { to: '/alertes', search: { q: place.name } },
      }),
    ),
  ]
  const isLooking =
    typed.trim() !== asked ||
    [members, alerts, communes, payers].some(
      ({ isFetching, isPending, isPlaceholderData }) => isFetching && (isPending || isPlaceholderData),
    )
  return { found: [...served, ...few], few, isLooking }
}
