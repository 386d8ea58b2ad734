/**
 * Replaces `page-file.ts` in the CommonJS build. There is one copy of the page, beside the
 * ES modules: from `dist/cjs/dashboard` the path leads to `dist/dashboard`.
 */
export const PAGE_FILE: string | URL = `${__dirname}/../../dashboard/page.html`;
