export { buildOnce } from "./build-once.js";
export { certificate } from "./certificate.js";
export { hasChromium, openBrowser, openShell } from "./chromium.js";
export { COMPILE_MS, compileSamples, type Sample, samplesOf } from "./compile-samples.js";
export { hasProxy, type ProxyName, type RealProxy, startProxy } from "./proxy.js";
