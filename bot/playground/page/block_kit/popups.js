// What opens beside an element, above everything else: menus and lists of suggestions.

const GAP = 4;

/** Shows `popup` below `anchor`, or above where there is more room, within the window that holds both. */
export function openBeside(anchor, popup) {
  if (!popup.matches(":popover-open")) {
    popup.showPopover();
  }
  const { left, right } = (anchor.closest(".slack") ?? document.documentElement).getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  popup.style.maxWidth = `${Math.floor(Math.min(right - left, innerWidth) - 2 * GAP)}px`;
  const { below, room } = side(at, popup.scrollHeight);
  popup.style.maxHeight = `${Math.floor(room)}px`;
  const size = popup.getBoundingClientRect();
  const most = Math.min(right, innerWidth) - size.width - GAP;
  popup.style.left = `${Math.max(Math.max(left, 0) + GAP, Math.min(at.left, most))}px`;
  popup.style.top = `${below ? at.bottom + GAP : at.top - GAP - size.height}px`;
}

function side(at, height) {
  const under = innerHeight - at.bottom - 2 * GAP;
  const over = at.top - 2 * GAP;
  const below = height <= under || under >= over;
  return { below, room: below ? under : over };
}

export function closePopup(popup) {
  if (popup.isConnected && popup.matches(":popover-open")) {
    popup.hidePopover();
  }
}

/** Has `popup` closed when what is around it moves away from under it, or on a press elsewhere. */
export function closeWithWindow(anchor, popup, close) {
  let listening = new AbortController();
  const leave = (event) => {
    if (!popup.isConnected) {
      listening.abort(); // it was drawn anew while it was open
    } else if (event.type === "resize" || !(popup.contains(event.target) || anchor.contains(event.target))) {
      close();
    }
  };
  popup.addEventListener("beforetoggle", ({ newState }) => {
    listening.abort();
    if (newState === "open") {
      listening = new AbortController();
      for (const type of ["scroll", "resize", "pointerdown"]) {
        addEventListener(type, leave, { capture: true, signal: listening.signal });
      }
    }
  });
}
