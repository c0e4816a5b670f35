import { FirstSteps } from "../components/FirstSteps";

/** The first minutes, also for those who have hits already. */
export const Start = () => <FirstSteps />;
