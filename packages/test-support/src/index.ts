export { certificate } from "./certificate.js";
export { hasChromium, openBrowser } from "./chromium.js";
export { hasProxy, type ProxyName, type RealProxy, startProxy } from "./proxy.js";
