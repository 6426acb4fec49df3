/* The look of the panel; the bubble's, and the colours, are in the loader. Logical properties only, for right-to-left. */

export const SMALL = "(max-width:520px),(max-height:480px)"; // where the panel fills the screen
export const isSmall = () => matchMedia(SMALL).matches;

export const STYLE = `
.panel{position:fixed;inset-block-end:calc(var(--edge) + 76px + env(safe-area-inset-bottom));inset-inline-end:var(--edge);
  width:392px;max-width:calc(100vw - 2*var(--edge));height:660px;max-height:calc(100vh - 116px);max-height:calc(min(100dvh,100%) - 116px);
  display:flex;flex-direction:column;background:var(--surface);border-radius:20px;overflow:hidden;box-shadow:var(--shadow);
  animation:rise .2s cubic-bezier(.2,.8,.3,1)}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}

.head{display:flex;align-items:center;gap:12px;padding-block:14px;padding-inline:18px 10px;background:var(--accent);color:var(--on-accent);flex:none}
.face{width:40px;height:40px;border-radius:50%;display:grid;place-items:center;flex:none;font-weight:650;font-size:15px;position:relative;
  background:var(--on-accent);color:var(--accent)}
.face svg{width:22px;height:22px}
.who{flex:1;min-width:0}
.name{margin:0;font-size:16.5px;font-weight:650;line-height:1.25;letter-spacing:-.01em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.status{margin:1px 0 0;font-size:13px;line-height:1.35;display:flex;align-items:center;gap:7px}
.dot{width:8px;height:8px;border-radius:50%;background:#7fe0a8;flex:none;box-shadow:0 0 0 2px rgba(0,0,0,.14)}
.dot.queued{background:#ffcf5c;animation:pulse 1.6s ease-in-out infinite}
.dot.resolved{background:#c3ccc7}
@keyframes pulse{50%{opacity:.35}}
.head button{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;flex:none}
.head button:hover{background:color-mix(in srgb,currentColor 14%,transparent)}
.head :focus-visible{outline-color:var(--on-accent);outline-offset:-4px}

.banner{flex:none;margin:0;padding:9px 18px;font-size:13.5px;line-height:1.4;background:var(--warn);color:var(--warn-text);
  display:flex;gap:9px;align-items:center}
.banner svg{width:17px;height:17px}

.middle{position:relative;flex:1;min-height:0;display:flex}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;background:var(--canvas);padding:20px 16px 14px}
.scroll:focus-visible{outline-offset:-4px}
.log{display:flex;flex-direction:column}
.msg{display:flex;flex-direction:column;align-items:flex-start;max-width:94%;margin-top:3px;position:relative;padding-inline-start:38px}
.msg.first{margin-top:14px}
.msg:first-child{margin-top:0}
.msg.own{align-self:flex-end;align-items:flex-end;padding:0;max-width:84%}
.msg.system{align-self:center;align-items:center;padding:0;max-width:92%;margin:16px 0 4px}
.by{font-size:12.5px;color:var(--muted);margin-block-end:4px;margin-inline-start:2px;display:none}
.msg.first>.by{display:block}
.mark{position:absolute;inset-inline-start:0;inset-block-start:1px;width:28px;height:28px;border-radius:50%;display:none;place-items:center;
  background:var(--accent);color:var(--on-accent);font-size:11px;font-weight:650}
.mark svg{width:16px;height:16px}
.msg.first>.mark{display:grid}
.body{padding:10px 14px;border-radius:6px 16px 16px 6px;background:var(--raised);box-shadow:0 0 0 1px var(--line);max-width:100%}
.msg.first>.body{border-start-start-radius:16px;border-end-start-radius:6px}
.msg.last>.body{border-end-start-radius:16px}
.own>.body{background:var(--accent);color:var(--on-accent);box-shadow:none;border-radius:16px 6px 6px 16px;white-space:pre-wrap}
.own.first>.body{border-radius:16px 16px 6px 16px}
.own.last>.body{border-radius:16px 6px 16px 16px}
.own.first.last>.body{border-radius:16px 16px 6px 16px}
.own.pending>.body{opacity:.86}
.meta{font-size:12px;line-height:1.4;color:var(--muted);margin:4px 2px 0;display:none;align-items:center;gap:4px}
.msg.last>.meta,.pending>.meta,.failed>.meta{display:flex}
.body>:first-child{margin-top:0}.body>:last-child{margin-bottom:0}
.body p{margin:0 0 9px}
.offers{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}
.offers button{min-height:44px;padding:9px 16px;border-radius:22px;border:1.5px solid color-mix(in srgb,var(--strong) 40%,var(--line));
  background:var(--raised);color:var(--strong);font-size:14.5px;font-weight:500;line-height:1.3;text-align:start;
  display:inline-flex;align-items:center;gap:8px}
.offers button:hover{border-color:var(--strong);background:color-mix(in srgb,var(--strong) 8%,var(--raised))}
.offers svg{width:17px;height:17px}
.home{margin-top:16px}
.find{display:flex;align-items:center;gap:10px;padding-inline:16px;border-radius:24px;background:var(--raised);box-shadow:0 0 0 1px var(--line);color:var(--muted)}
.find:focus-within{box-shadow:0 0 0 2px var(--strong)}
.find input{all:unset;flex:1;min-width:0;height:46px;font-size:16px;color:var(--text)}
input::placeholder{color:var(--muted);opacity:1}
.label{margin:18px 4px 7px;font-size:13px;color:var(--muted)}
.rows{list-style:none;margin:0;padding:0;border-radius:16px;background:var(--raised);box-shadow:0 0 0 1px var(--line);overflow:hidden}
.rows li+li{border-top:1px solid var(--line)}
.rows button{display:flex;align-items:center;justify-content:space-between;gap:12px;width:100%;min-height:48px;padding:9px 14px 9px 16px;font-size:14.5px;line-height:1.35;text-align:start}
.rows :is(button:hover,[aria-selected=true]){background:color-mix(in srgb,var(--strong) 9%,var(--raised))}
.rows :focus-visible{outline-offset:-3px}
.rows svg{width:16px;height:16px;color:var(--muted)}
[dir=rtl] .rows svg{transform:scaleX(-1)}

.foot{flex:none;padding:10px 12px calc(2px + env(safe-area-inset-bottom));background:var(--surface);border-top:1px solid var(--line)}
.box{display:flex;align-items:flex-end;gap:4px;border:1.5px solid var(--line);border-radius:24px;padding-block:2px;padding-inline:16px 2px}
.box:hover{border-color:color-mix(in srgb,var(--strong) 45%,var(--line))}
.box:focus-within{border-color:var(--strong);box-shadow:0 0 0 3px color-mix(in srgb,var(--strong) 20%,transparent)}
textarea{flex:1;min-width:0;border:0;background:none;resize:none;padding:10px 0;height:44px;max-height:132px;font-size:16px;line-height:24px;overflow-y:auto}
textarea:focus-visible{outline:none}
textarea::placeholder{color:var(--muted);opacity:1}
.send{width:44px;height:44px;border-radius:50%;display:grid;place-items:center;flex:none;background:var(--strong);color:var(--on-strong)}
.send[aria-disabled=true]{background:var(--canvas);color:var(--muted);cursor:default}
.under{display:flex;align-items:center;flex-wrap:wrap;min-height:8px}
.tools,.head-tools,.extras{display:flex;align-items:center;flex:none}
.tools button{width:44px;height:44px;border-radius:50%;display:grid;place-items:center;color:var(--muted)}
.tools button:hover{color:var(--strong)}
.notice{flex:none;padding:9px 18px;font-size:13.5px;line-height:1.4;background:var(--canvas);border-bottom:1px solid var(--line)}
.over{padding:2px 4px 10px}
.person,.way{display:inline-flex;align-items:center;gap:8px;min-height:44px;padding-inline:4px 8px;border-radius:12px;font-size:14px;font-weight:500;color:var(--muted)}
.person:hover,.way:hover{color:var(--strong)}
.person svg,.way svg{width:18px;height:18px}
.count{font-size:13px;font-variant-numeric:tabular-nums;color:var(--muted);margin-inline:auto 10px}
.count.too-long{color:var(--danger);font-weight:650}

@media ${SMALL}{
  .panel{inset:var(--top,0) 0 auto;width:auto;max-width:none;height:var(--height,100dvh);max-height:none;border-radius:0}
  .head{padding-top:calc(12px + env(safe-area-inset-top))}
  .is-open .bubble{display:none}
}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
@media (forced-colors:active){.panel,.body,.card,.send,.head,.find,.rows{border:1px solid CanvasText}.dot{forced-color-adjust:none}}
`;
