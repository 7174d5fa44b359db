import { ActionIcon, Button, CloseButton, Drawer, Skeleton } from '@mantine/core'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import IconChevronUp from '@tabler/icons-react/icons/IconChevronUp'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { MemberView } from '../../../../src/members/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { urlOf } from '../../../api/client.ts'
import { countOf, dayOf } from '../../../ui/format/format.ts'
import { type FormatMessage, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { sayNaf } from '../../doubles/fields.ts'
import { describeHealth } from '../../numbers/health.ts'
import { NumberTag } from '../../numbers/NumberTag.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { AskedCorrection } from '../corrections/AskedCorrection.tsx'
import { MemberActs } from '../form/MemberActs.tsx'
import type { Walk } from '../list/useWalk.ts'
import classes from '../Members.module.css'
import { memberQuery } from '../queries.ts'
import { MemberTags } from '../tags/MemberTags.tsx'
import { ContactPhone } from './ContactPhone.tsx'
import { ContactSms } from './ContactSms.tsx'
import { MemberAccesses } from './MemberAccesses.tsx'
import { Notes } from './Notes.tsx'
import { QuietHoursField } from './QuietHoursField.tsx'

interface Shown {
  nameOfTrade: (code: string) => string
  /** The place in the list that it is beside. */
  walk?: Walk | null
  onClose: () => void
}

/** Shows the full data of one member over the list. */
export function MemberDrawer(props: Shown & { memberId: string | null }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const member = useQuery({
    ...memberQuery(scheme.id, props.memberId ?? ''),
    enabled: props.memberId !== null,
  })
  return (
    <Drawer
      opened={props.memberId !== null}
      onClose={props.onClose}
      position="right"
      size={440}
      title={member.data?.name ?? t('member.title')}
      classNames={{ title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <PanelContent {...props} member={member} />
    </Drawer>
  )
}

/**
 * Shows the full data of one member beside the list, which stays usable. It gets the focus when it opens, not when the list is walked,
 * and gives it back when it closes; Escape closes it.
 */
export function MemberPanel(props: Shown & { memberId: string }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const member = useQuery(memberQuery(scheme.id, props.memberId))
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    panel.current?.focus()
    return () => {
      const { activeElement } = document
      const isFree = activeElement === null || activeElement === document.body
      if (opener instanceof HTMLElement && opener.isConnected && isFree) opener.focus()
    }
  }, [])
  const { onClose } = props
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isOverPanel(event.target)) return
      onClose()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [onClose])
  const title = member.data?.name ?? t('member.title')
  return (
    <div ref={panel} className={classes.panel} role="dialog" aria-label={title} tabIndex={-1}>
      <div className={classes.panelHead}>
        <h2 className={classes.drawerTitle}>{title}</h2>
        <CloseButton aria-label={t('action.close')} onClick={onClose} />
      </div>
      <PanelContent {...props} member={member} />
    </div>
  )
}

/** Tells whether Escape is for something over the panel: a dialog, a menu, or a list of a field. */
function isOverPanel(target: EventTarget | null): boolean {
  if (document.querySelector('[role=dialog][aria-modal=true], [popover]:popover-open') !== null) return true
  return target instanceof Element && target.closest('[aria-expanded=true]') !== null
}

function PanelContent(props: Pick<Shown, 'nameOfTrade' | 'walk'> & { member: UseQueryResult<MemberView> }) {
  const { t } = useText()
  const { member } = props
  return (
    <>
      {props.walk != null && <Walking walk={props.walk} />}
      {member.isError && <Failure error={member.error} retry={() => void member.refetch()} />}
      {member.isPending && <Skeleton height={240} />}
      {member.data !== undefined && (
        <>
          {member.data.mergedInto === null && (
            <Link
              className={classes.paper ?? ''}
              to="/adherents/$memberId"
              params={{ memberId: member.data.id }}
            >
              {t('member.open')}
            </Link>
          )}
          <div className={`${classes.careActions} ${classes.memberActs}`}>
            <MemberActs member={member.data} />
          </div>
          <MemberDetails member={member.data} nameOfTrade={props.nameOfTrade} />
        </>
      )}
    </>
  )
}

/** Says what a contact that accepts SMS receives: alerts go to active members only. */
function sayReceives(t: FormatMessage, status: MemberView['status']): string {
  return status === 'active' ? t('member.sms') : t(`member.sms.${status}`)
}

/** Leads to the neighbours of the open member in the list. */
function Walking(props: { walk: Walk }) {
  const { t, lang } = useText()
  const { at, of, next, previous } = props.walk
  return (
    <div className={classes.walk}>
      <span>{t('member.place', { at: countOf(lang, at), of: countOf(lang, of) })}</span>
      {(
        [
          ['member.previous', previous, IconChevronUp, 'K'],
          ['member.next', next, IconChevronDown, 'J'],
        ] as const
      ).map(([label, step, Icon, key]) => (
        <ActionIcon
          key={key}
          variant="default"
          size={36}
          className={classes.step ?? ''}
          aria-label={t(label)}
          aria-keyshortcuts={key}
          title={`${t(label)} (${key})`}
          disabled={step === null}
          onClick={() => step?.()}
        >
          <Icon size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      ))}
    </div>
  )
}

/** Shows a member's data, with the fields that the users who manage the list may change. */
export function MemberDetails(props: { member: MemberView; nameOfTrade: (code: string) => string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const { member } = props
  const sayCharter = ({ version, name, at, current }: NonNullable<MemberView['charter']>) =>
    t('member.charter', { version, name, day: dayOf(lang, at), current: String(current) })
  if (member.mergedInto !== null) {
    return (
      <>
        <p>{t('member.mergedInto')}</p>
        <Link className={classes.paper} to="/adherents" search={{ membre: member.mergedInto.id }}>
          {t('member.mergedInto.open', { name: member.mergedInto.name })}
        </Link>
      </>
    )
  }
  const sayAnyCharter = () => {
    const parts = [
      member.charter === null ? null : sayCharter(member.charter),
      member.charterOn === null ? null : t('member.charter.paper', { day: dayOf(lang, member.charterOn) }),
    ].filter((one) => one !== null)
    return parts.length === 0 ? t('members.charter.none') : parts.join(' · ')
  }
  const lines = [
    [t('members.status'), t(`member.status.${member.status}`)],
    [t('members.trade'), props.nameOfTrade(member.trade)],
    [t('members.commune'), [member.postalCode, member.commune.name].filter(Boolean).join(' ')],
    [t('member.address'), member.address],
    [t('member.siret'), member.siret === null ? null : readableSiret(member.siret)],
    [t('member.naf'), sayNaf(t, member)],
    [t('member.activity'), member.activity],
    [t('member.since'), dayOf(lang, member.memberSince)],
    [t('members.charter'), sayAnyCharter()],
  ] as const
  return (
    <>
      <AskedCorrection memberId={member.id} nameOfTrade={props.nameOfTrade} />
      <dl className={classes.details}>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? t('member.unknown')}</dd>
          </div>
        ))}
      </dl>
      {member.merged.length > 0 && (
        <p>{t('member.merged', { names: member.merged.map(({ name }) => name).join(', ') })}</p>
      )}
      {member.status === 'active' && (
        <p>
          <a
            className={classes.paper}
            href={urlOf('getCertificate', { params: { scheme: scheme.id, id: member.id } })}
            target="_blank"
            rel="noreferrer"
          >
            {t('member.certificate')}
          </a>
        </p>
      )}
      <h3 className={classes.sub}>{t('member.contacts')}</h3>
      {member.status === 'left' && (
        <p className={classes.warn}>{t('member.left', { day: dayOf(lang, member.updatedAt) })}</p>
      )}
      <ul className={classes.contacts}>
        {member.contacts.map((contact) => (
          <li key={contact.id}>
            <b>{contact.person === '' ? t('member.nobody') : contact.person}</b>
            <span>
              {[contact.phone === null ? null : readablePhone(contact.phone), contact.mail]
                .filter(Boolean)
                .join(' · ') || t('members.noPhone')}
              {contact.phone !== null && !contact.mobile && ` · ${t('numbers.landline')}`}
            </span>
            <small>
              {contact.sms ? sayReceives(t, member.status) : t('member.noSms')}
              {contact.optOut !== null &&
                ` · ${t('contact.sms.since', { how: contact.optOut.how, day: dayOf(lang, contact.optOut.at) })}`}
              {contact.shared && ` · ${t('member.shared')}`}
            </small>
            {contact.health !== null && (
              <small>
                {contact.sms && <NumberTag state={contact.health.state} />}{' '}
                {describeHealth(t, lang, contact.health)}
              </small>
            )}
            <ContactPhone memberId={member.id} contact={contact} />
            {member.status !== 'left' && <ContactSms memberId={member.id} contact={contact} />}
          </li>
        ))}
      </ul>
      {member.contacts.length === 0 && <p className={classes.warn}>{t('member.contacts.none')}</p>}
      <MemberTags key={`tags ${member.id}`} member={member} />
      <Notes key={`notes ${member.id}`} memberId={member.id} />
      <h3 className={classes.sub}>{t('care.title')}</h3>
      <QuietHoursField key={member.id} member={member} />
      {may('request.manage') && (
        <p>
          <Link className={classes.paper} to="/reglages" search={{ partie: 'donnees', membre: member.id }}>
            {t('member.request')}
          </Link>
        </p>
      )}
      {may('member.file') && (
        <>
          <h3 className={classes.sub}>{t('member.file')}</h3>
          <p>{t('member.file.what')}</p>
          <span className={classes.careActions}>
            <Button
              component="a"
              variant="default"
              target="_blank"
              href={urlOf('getMemberFilePdf', { params: { scheme: scheme.id, id: member.id } })}
            >
              {t('requests.file.pdf')}
            </Button>
            <Button
              component="a"
              variant="default"
              download
              href={urlOf('getMemberFileJson', { params: { scheme: scheme.id, id: member.id } })}
            >
              {t('requests.file.json')}
            </Button>
          </span>
        </>
      )}
      <MemberAccesses key={`accesses ${member.id}`} memberId={member.id} />
    </>
  )
}
