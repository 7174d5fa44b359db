import { SegmentedControl, Skeleton, UnstyledButton } from '@mantine/core'
import IconMail from '@tabler/icons-react/icons/IconMail'
import IconPaperclip from '@tabler/icons-react/icons/IconPaperclip'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { MailSummary } from '../../src/demo/contract.ts'
import { urlOf } from '../api/client.ts'
import { aboutQuery } from '../api/queries.ts'
import { momentOf } from '../ui/format/format.ts'
import { styleNonce } from '../ui/format/nonce.ts'
import { useMinute } from '../ui/format/now.ts'
import { useText } from '../ui/format/text.ts'
import { NotFoundPage } from '../ui/frame/NotFoundPage.tsx'
import { Empty, Failure } from '../ui/Notice.tsx'
import { Page } from '../ui/Page.tsx'
import classes from './Mails.module.css'
import { mailQuery, mailsQuery } from './queries.ts'
import { Received } from './Received.tsx'

/** The mailbox of the demo: the mails to members, none of which has left the machine. */
export function MailsPage() {
  const { t, lang } = useText()
  const now = useMinute()
  const navigate = useNavigate()
  const { courriel } = useSearch({ from: '/shell/courriels' })
  const about = useQuery(aboutQuery).data
  const mails = useQuery({ ...mailsQuery, enabled: about?.demo === true })
  // A production installation has no page of the demo.
  if (about?.demo === false) return <NotFoundPage />
  const all = mails.data ?? []
  const open = all.find(({ id }) => id === courriel) ?? all[0]

  return (
    <Page title={t('mails.title')} lead={t('mails.lead')} aside={<Received shown="mails" />}>
      {mails.isError && <Failure error={mails.error} retry={() => void mails.refetch()} />}
      {mails.isPending && <Skeleton height={320} radius="lg" />}
      {mails.isSuccess && open === undefined && (
        <Empty icon={<IconMail size={36} stroke={1.4} aria-hidden />} title={t('mails.none')}>
          {t('mails.none.hint')}
        </Empty>
      )}
      {open !== undefined && (
        <div className={classes.box}>
          <ul className={classes.list} aria-label={t('mails.title')}>
            {all.map((mail) => (
              <li key={mail.id}>
                <UnstyledButton
                  className={classes.item}
                  aria-current={mail.id === open.id || undefined}
                  onClick={() =>
                    void navigate({ to: '/courriels', search: { courriel: mail.id }, replace: true })
                  }
                >
                  <span className={classes.to}>
                    <span>{mail.to}</span>
                    <span className={classes.at}>{momentOf(lang, mail.at, now)}</span>
                  </span>
                  <span className={classes.subject}>{mail.subject}</span>
                </UnstyledButton>
              </li>
            ))}
          </ul>
          <Opened key={open.id} mail={open} />
        </div>
      )}
    </Page>
  )
}

function Opened(props: { mail: MailSummary }) {
  const { t } = useText()
  const { mail } = props
  const [form, setForm] = useState('html')
  const content = useQuery(mailQuery(mail.id))
  return (
    <article className={classes.mail} aria-label={mail.subject}>
      <div className={classes.head}>
        <div>
          <h2 className={classes.title}>{mail.subject}</h2>
          <p className={classes.at}>{t('mails.to', { to: mail.to })}</p>
        </div>
        <SegmentedControl
          aria-label={t('mails.form')}
          value={form}
          onChange={setForm}
          data={[
            { value: 'html', label: t('mails.form.html') },
            { value: 'text', label: t('mails.form.text') },
          ]}
        />
      </div>
      {mail.attachments.length > 0 && (
        <ul className={classes.attachments} aria-label={t('mails.attachments')}>
          {mail.attachments.map(({ name, bytes }, no) => (
            <li key={name}>
              <a
                href={urlOf('getDemoAttachment', { params: { id: mail.id, no } })}
                target="_blank"
                rel="noreferrer"
              >
                <IconPaperclip size={16} aria-hidden /> {name} (
                {t('mails.kilobytes', { count: Math.ceil(bytes / 1000) })})
              </a>
            </li>
          ))}
        </ul>
      )}
      {content.isError && <Failure error={content.error} retry={() => void content.refetch()} />}
      {content.isPending && <Skeleton height={320} radius="md" />}
      {content.data !== undefined &&
        (form === 'html' ? (
          <iframe
            className={classes.html}
            title={mail.subject}
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            srcDoc={withNonce(content.data.html)}
          />
        ) : (
          <pre className={classes.text}>{content.data.text}</pre>
        ))}
    </article>
  )
}

/** The frame of a mail has the policy of this page, which would block the styles of the mail. */
function withNonce(html: string): string {
  return html.replace('<style>', `<style nonce="${styleNonce() ?? ''}">`)
}
