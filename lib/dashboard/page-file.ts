/**
 * The page, which `tools/build/page.js` makes of `page/`. It is one file that refers to no
 * other, so it works under any prefix. The CommonJS build, which has no `import.meta`,
 * replaces this module with `page-file.cjs.ts`; nothing else belongs in either file.
 */
export const PAGE_FILE: string | URL = new URL('./page.html', import.meta.url);
