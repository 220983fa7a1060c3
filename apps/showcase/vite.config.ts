import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const web = fileURLToPath(new URL("web/", import.meta.url));

// The page. Everything it needs is in the build: it loads nothing from anywhere else.
export default defineConfig({
  root: web,
  base: "/",
  // Preact's JSX needs no plugin: the compiler inside of Vite knows it by the web's tsconfig.
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("dist/web/", import.meta.url)),
    emptyOutDir: true,
    // Inlined files would be `data:` URLs, which the Content-Security-Policy refuses for scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: [`${web}index.html`, `${web}404.html`] },
  },
});
