/** Of the drawing of a graph, its gap to the next one included. */
export const [columnPixels, rowPixels, gapPixels] = [57, 54, 8];

/**
 * How a dashboard's page looks: 24 columns, as in AWS's console; one column on a narrow screen. Rows grow with the columns, so
 * that a graph fills its place on every screen.
 */
export const style = `
:root{color-scheme:light;font:14px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:#16191f;background:#f2f3f3}
body{margin:0 auto;padding:16px;max-width:1680px}
header{margin:0 4px 12px}h1{font-size:20px;margin:0}header p{margin:2px 0;color:#5f6b7a}
main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:max(46px,calc((min(100vw,1712px) - 48px)*${rowPixels}/${columnPixels}/24 - ${gapPixels}px));gap:${gapPixels}px}
section{background:#fff;border:1px solid #d5dbdb;border-radius:6px;overflow:auto;min-width:0}
h2{font-size:15px;margin:10px 12px 6px}
svg{display:block;height:100%}svg text{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}svg text.title{font-size:15px;font-weight:600}
.text{padding:4px 14px}.text h2,.text h3,.text h4{margin:8px 0 4px}
.note{margin:8px 12px;color:#5f6b7a}
.numbers{display:flex;flex-wrap:wrap;gap:8px 28px;padding:4px 12px}.numbers b{display:block;font-size:28px;font-weight:600}
.numbers span{color:#5f6b7a}
table{border-collapse:collapse;margin:4px 12px;font-size:12px}th{text-align:left}th,td{padding:2px 12px 2px 0;vertical-align:top}
.alarms{list-style:none;margin:0;padding:0 12px 2px;columns:470px;line-height:20px}.alarms li{margin:0;padding:1px 0;break-inside:avoid}
.state{display:inline-block;min-width:46px;padding:0 7px;border-radius:9px;font-size:12px;line-height:17px;text-align:center;color:#fff;background:#687078}
.state.OK{background:#1d8102}.state.ALARM{background:#d13212}
small{color:#5f6b7a}
@media(max-width:800px){main{display:block}section{margin-bottom:8px}svg{height:auto;max-width:var(--width)}}
`;
