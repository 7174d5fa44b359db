import { readFileSync } from 'node:fs'
import starlight from '@astrojs/starlight'
import { defineConfig, passthroughImageService } from 'astro/config'

/** Written by scripts/docs-site.ts, which copies the pages and starts this build. */
const { redirects } = JSON.parse(readFileSync(new URL('./src/navigation.json', import.meta.url), 'utf8'))

export default defineConfig({
  base: process.env.DOCS_BASE ?? '/',
  // Pictures are served as they are.
  image: { service: passthroughImageService() },
  redirects,
  integrations: [
    starlight({
      title: 'Tocsin',
      logo: { src: './src/assets/tocsin.svg' },
      favicon: '/tocsin.svg',
      defaultLocale: 'root',
      locales: { root: { label: 'Français', lang: 'fr' }, en: { label: 'English', lang: 'en' } },
      customCss: ['./src/styles.css'],
      routeMiddleware: './src/navigation.ts',
      pagination: false,
      credits: false,
    }),
  ],
})
