import type { ReactNode } from 'react'
import type { MemberCorrections } from '../../../../src/members/contract.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Members.module.css'

type Correction = MemberCorrections['corrections'][number]

/** Shows each value that a business asked for, with the one in force. */
export function Asked(props: { correction: Correction; nameOfTrade: (code: string) => string }) {
  const { t } = useText()
  const { asked, inForce } = props.correction
  const sayPlace = ({ address, postalCode, commune }: Correction['inForce']['place']) =>
    [address, [postalCode, commune.name].filter(Boolean).join(' ')].filter(Boolean).join(', ')
  const lines: (readonly [string, ReactNode, string])[] = []
  if (asked.name !== null) lines.push([t('members.name'), asked.name, props.correction.name])
  if (asked.place !== null)
    lines.push([t('corrections.place'), sayPlace(asked.place), sayPlace(inForce.place)])
  if (asked.trade !== null)
    lines.push([t('members.trade'), props.nameOfTrade(asked.trade), props.nameOfTrade(inForce.trade)])
  if (asked.siret !== null)
    lines.push([
      t('member.siret'),
      readableSiret(asked.siret),
      inForce.siret === null ? t('member.unknown') : readableSiret(inForce.siret),
    ])
  return (
    <dl className={`${classes.details} ${classes.askedValues}`}>
      {lines.map(([name, wanted, before]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{wanted}</b>
            <br />
            <small>{t('corrections.before', { before })}</small>
            {wanted === asked.name && asked.inSms !== null && asked.inSms !== wanted && (
              <>
                <br />
                <small>{t('corrections.inSms', { inSms: asked.inSms })}</small>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
