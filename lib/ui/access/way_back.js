// Keeps where a link led while somebody signs in elsewhere: in this tab, for a few minutes.
const KEPT = "voicekeep.way";
const LASTS = 10 * 60 * 1000;
const LONGEST = 2000;

function kept() {
  try {
    const way = JSON.parse(sessionStorage.getItem(KEPT));
    return way && Date.now() - way.at < LASTS ? way : null;
  } catch {
    return null;
  }
}

function keep(way) {
  try {
    if (way) sessionStorage.setItem(KEPT, JSON.stringify({ ...way, at: Date.now() }));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage one lands on Home.
  }
}

export default function ({ data, setTriggerValue }) {
  const way = kept();
  if (data.is_in) {
    keep(null);
    if (way?.to) setTriggerValue("to", way.to);
    return;
  }

  // Led by a link, or back from the service where nobody signed in.
  const page = location.pathname.split("/").pop();
  const here = page || location.search ? page + location.search : "";
  const to = (here && here.length <= LONGEST ? here : way?.to) ?? "";
  const came_back = Boolean(way?.left) && way.left !== performance.timeOrigin;
  keep(to ? { to } : null);
  if (came_back && !data.is_told) setTriggerValue("came_back", true);

  const leave = (event) => {
    if (event.target.closest?.(data.leaving)) keep({ to, left: performance.timeOrigin });
  };
  document.addEventListener("click", leave, true);
  return () => document.removeEventListener("click", leave, true);
}
