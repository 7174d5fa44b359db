import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { CallFirst } from '../CallFirst.tsx'
import classes from '../Join.module.css'

/** The submitted request: what happens next, or the decision. */
export function Sent(props: { scheme: PublicSchemeView; own: OwnEnrolmentView; onAgain: () => void }) {
  const { t } = useText()
  const { scheme, own } = props
  const phone = readablePhone(own.contact?.phone ?? '')
  const forget = useAction(() => callApi('forgetEnrolment', { params: { scheme: scheme.id } }), {
    onSuccess: props.onAgain,
  })
  return (
    <>
      <section className={`${classes.card} ${classes.done}`}>
        <h2>{own.business.name}</h2>
        {own.state === 'submitted' && (
          <ol className={classes.numbers}>
            <li>{t('join.sent.chamber', { chamber: scheme.chamber })}</li>
            <li>{t('join.sent.sms', { phone })}</li>
            <li>{t('join.sent.alerts', { sender: scheme.sender })}</li>
          </ol>
        )}
        {own.state === 'approved' && (
          <>
            <p>
              {own.getsAlerts
                ? t('join.approved', { sender: scheme.sender, phone })
                : t('join.approved.waits', { chamber: scheme.chamber, phone })}
            </p>
            <p className={classes.small}>{t('join.approved.days', { chamber: scheme.chamber })}</p>
            <p>
              <Link to="/portail" className={classes.link}>
                {t('join.approved.portal')}
              </Link>
            </p>
          </>
        )}
        {own.state === 'refused' && (
          <p>
            {t(`join.refused.${own.reason ?? 'other'}`)} {t('join.refused.ask', { chamber: scheme.chamber })}
          </p>
        )}
      </section>
      <CallFirst />
      <Failure error={forget.failure} />
      <Button variant="default" size="md" loading={forget.isPending} onClick={() => forget.mutate()}>
        {own.state === 'refused' ? t('join.again') : t('join.another')}
      </Button>
    </>
  )
}
