import { DocumentGenerator, JobProgress, useJobStatus } from "@pressroom/client/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const jobId = new URLSearchParams(location.search).get("job");
const told: string[] = [];
Object.assign(window, { told });

function Application() {
  const [isShown, setShown] = useState(true);
  return (
    <>
      <button onClick={() => setShown(!isShown)}>Turn</button>
      {isShown && <Progress />}
    </>
  );
}

function Progress() {
  const { job, connection, progress } = useJobStatus(jobId);
  return (
    <main>
      <p id="status">{`${job?.status} ${connection} ${progress}`}</p>
      {Array.from({ length: 50 }, (_, number) => (
        <JobProgress
          key={number}
          jobId={jobId}
          onComplete={(result, job) => told.push(`complete ${result.file_name} ${job.seq > 0}`)}
          onError={(error) => told.push(`error ${error.code}`)}
        />
      ))}
      <DocumentGenerator
        jobId={jobId}
        documentType="spreadsheet"
        title="Card"
        onComplete={() => told.push("card complete")}
        onError={() => told.push("card error")}
      />
    </main>
  );
}

createRoot(document.getElementById("root")!).render(<StrictMode><Application /></StrictMode>);
