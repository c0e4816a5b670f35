import { LiveHits } from "../components/LiveHits";
import { usePlace } from "../navigation";

/** Hits as they come. */
export function Live() {
  const { site } = usePlace();
  return <LiveHits key={site.site} most={200} asOf={0} />;
}
