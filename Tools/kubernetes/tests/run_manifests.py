"""Validates the manifests, runs what they say, and compares the store that comes out with a build on one machine."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import manifests
from checks import Checks, say
from pod import Ended, PodRunner, can_be_sandboxed
from processes import await_that, children, is_extracting

FOLDER = Path(__file__).resolve().parent.parent
MAKE_PICTURES = FOLDER.parent / "slurm" / "tests" / "make-pictures"
MODEL = "efficientnet-lite0"
BUILD, MERGE = "finetuner-cache-build", "finetuner-cache-merge"
PARTS = 3
PICTURES = 450
#: The oldest version that has all fields without a feature gate, and the newest that kubernetes-validate knows.
VERSIONS = ("1.29", "1.37")


class ManifestTest(Checks):
    """The steps of the test, in one folder."""

    def __init__(self, work: Path, program: Path) -> None:
        self.work, self.program = work, program
        self.pictures, self.stores = work / "pictures", work / "stores"
        self.alone, self.output = self.stores / "alone.fcstore", self.stores / "run"
        self.stores.mkdir()
        subprocess.run([str(MAKE_PICTURES), str(self.pictures), str(PICTURES)], check=True)

    def run(self) -> None:
        self.validate()
        self.set_up()
        self.build_alone()
        self.refuse_what_is_wrong()
        self.build_parts()
        self.overtake()
        self.merge()
        self.run_again()

    def build_alone(self) -> None:
        """In the surroundings of a pod, so that the pictures have the same paths."""
        say("A build on one machine, for comparison")
        command = ["bash", "-c", 'finetuner-cache build "$INPUT" --store "$ALONE" --threads "$THREADS"']
        started = time.monotonic()
        settings = {"ALONE": "/stores/alone.fcstore"}
        built = self.pods.run(BUILD, "alone", settings=settings, instead=command)
        self.check("it ends with 1, for the two broken pictures", built.code == 1, built.log)
        # A pod takes a third of this, or half of that once other work on this machine ends: an eighth is in the middle.
        self.delay = (time.monotonic() - started) / PARTS / 8
        say(f"  {built.log.splitlines()[-1]}")

    def validate(self) -> None:
        say(f"Validating against the schemas of Kubernetes {' and '.join(VERSIONS)}")
        command = manifests.kustomize_command()
        files = [FOLDER / "build-job.yaml", FOLDER / "merge-job.yaml"]
        if command is None:
            say("  skipped: what kustomization.yaml makes; neither kubectl nor kustomize is here")
        else:
            files.append(self.work / "rendered.yaml")
            with files[-1].open("w") as rendered:
                subprocess.run([*command, str(FOLDER)], check=True, stdout=rendered)
        validate = Path(sys.executable).parent / "kubernetes-validate"
        for version in VERSIONS:
            for file in files:
                arguments = [str(validate), "--strict", "-k", version, str(file)]
                done = subprocess.run(arguments, capture_output=True, text=True)
                self.check(f"{file.name}, {version}", done.returncode == 0, done.stdout + done.stderr)

    def set_up(self) -> None:
        """As a user sets it: PARTS and MODEL in kustomization.yaml."""
        copy = self.work / "kubernetes"
        settings = {"PARTS": str(PARTS), "AT_ONCE": "2", "STORES_CLAIM": "fast", "FTC_BUILD_MODEL": MODEL}
        manifests.copy_with_settings(FOLDER, copy, settings)
        self.made = manifests.load(copy)
        if self.made.rendered:
            self.check_settings()
        self.check_pods()
        sandboxed = can_be_sandboxed()
        how = "as user 10001 with a read-only root" if sandboxed else "without bubblewrap, so as this user"
        say(f"Running the commands of the manifests, {how}")
        self.pods = PodRunner(
            self.made, {"pictures": self.pictures, "stores": self.stores}, self.program, sandboxed
        )
        self.bring_weights()

    def bring_weights(self) -> None:
        """Puts the weights on the volume; if they are not here, the program fetches them first, to build a picture."""
        picture = min(self.pictures.rglob("0*.png"))
        store = self.work / "weights.fcstore"
        arguments = [str(self.program), "build", str(picture), "--model", MODEL, "--store", str(store)]
        subprocess.run(arguments, check=True, capture_output=True)
        home = Path(os.environ.get("FINETUNER_CACHE_HOME") or Path.home() / ".cache" / "finetuner-cache")
        (self.stores / "weights").mkdir()
        for weights in (home / "weights").glob(f"{MODEL}-*"):
            shutil.copy(weights, self.stores / "weights")

    def check_settings(self) -> None:
        say("What is set once in kustomization.yaml is everywhere")
        build, merge = self.made.job(BUILD), self.made.job(MERGE)
        self.check("completions are PARTS, a number", build["spec"]["completions"] == PARTS)
        self.check("parallelism is AT_ONCE, a number", build["spec"]["parallelism"] == 2)
        for job in (build, merge):
            pod = job["spec"]["template"]["spec"]
            claims = {each["name"]: each["persistentVolumeClaim"]["claimName"]
                      for each in pod["volumes"] if "persistentVolumeClaim" in each}
            self.check(f"{job['metadata']['name']} claims the stores", claims["stores"] == "fast", str(claims))
            (container,) = pod["containers"]
            self.check("and has the image's tag", container["image"] == "finetuner-cache:latest")

    def check_pods(self) -> None:
        """What a cluster would refuse, beyond the schemas."""
        say("Pods meet the Pod Security Standard restricted, and the failure policies name their containers")
        for name in (BUILD, MERGE):
            specification = self.made.job(name)["spec"]
            pod = specification["template"]["spec"]
            (container,) = pod["containers"]
            own = container["securityContext"]
            restricted = (
                pod["securityContext"]["runAsNonRoot"] is True
                and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
                and own["allowPrivilegeEscalation"] is False
                and own["capabilities"] == {"drop": ["ALL"]}
            )
            self.check(f"{name} is restricted", restricted, str(pod["securityContext"]) + str(own))
            self.check("and has a read-only root", own["readOnlyRootFilesystem"] is True)
            rules = specification["podFailurePolicy"]["rules"]
            named = {rule["onExitCodes"]["containerName"] for rule in rules if "onExitCodes" in rule}
            self.check("its policy names the container", named == {container["name"]}, str(named))
            self.check("and its pods are not restarted in place", pod["restartPolicy"] == "Never")

    def refuse_what_is_wrong(self) -> None:
        say("What is wrong is refused, with the exit code that fails the job")
        self.expect_refusal("no number of parts", self.pods.run(BUILD, "a", 0, {"PARTS": "many"}), "PARTS is 'many'")
        self.expect_refusal("an index too many", self.pods.run(BUILD, "b", PARTS), f"there are only {PARTS} parts")
        self.expect_refusal("a merge without parts", self.pods.run(MERGE, "c"), "not complete: 1 2 3")
        self.check("and nothing is made", not self.output.exists())

    def expect_refusal(self, what: str, ended: Ended, message: str) -> None:
        self.check(what, ended.code == 64 and message in ended.log, f"exit code {ended.code}: {ended.log}")

    def build_parts(self) -> None:
        say(f"Every index; the first pod of index 1 is stopped after {self.delay:.1f} s, that of index 2 is killed")
        first = self.pods.run(BUILD, "build-0-a", 0)
        self.check("index 0 is complete", first.code == 0, first.log)
        stopped = self.pods.run(BUILD, "build-1-a", 1, meanwhile=self.after_first_pictures(self.stop))
        self.check("index 1 is stopped with 130", stopped.code == 130, f"exit code {stopped.code}: {stopped.log}")
        self.check("and not complete", not (self.output / "shards" / f"2-of-{PARTS}.complete").exists())
        again = self.pods.run(BUILD, "build-1-b", 1)
        self.check("the next pod goes on", again.code == 0 and " 0 unchanged" not in again.log, again.log)
        killed = self.pods.run(BUILD, "build-2-a", 2, meanwhile=self.after_first_pictures(self.kill))
        self.check("index 2 is killed", killed.code not in (0, 1, 64, 130), killed.log)
        last = self.pods.run(BUILD, "build-2-b", 2)
        self.check("the next pod completes it", last.code == 0, last.log)
        other = self.pods.run(BUILD, "build-0-b", 0, {"PARTS": "5"})
        self.expect_refusal("another number of parts is refused", other, f"was begun with {PARTS} parts")

    def after_first_pictures(self, action: Callable[[int], None]) -> Callable[[int], None]:
        def wait(first: int) -> None:
            await_that(lambda: any(map(is_extracting, children(first))), "the build did not begin")
            time.sleep(self.delay)
            try:
                action(first)
            except ProcessLookupError:
                self.check("a pod can be disturbed before it is done", False)
        return wait

    def stop(self, first: int) -> None:
        """As a kubelet does: the first process is asked, and nobody else."""
        os.kill(first, signal.SIGTERM)

    def kill(self, first: int) -> None:
        """As the kernel does where memory is short: the program is killed, and the shell hears of it."""
        for child in children(first):
            os.kill(child, signal.SIGKILL)

    def overtake(self) -> None:
        say("A pod that another one has overtaken")
        shard = self.output / "shards" / f"1-of-{PARTS}"

        attempt = Path(f"{shard}.attempt")

        def take_over(_: int) -> None:
            await_that(lambda: attempt.read_text() == "build-0-lost\n", "the pod did not claim its part")
            attempt.write_text("another\n")

        index = Path(f"{shard}.fcstore") / "index.sqlite"
        before = index.stat().st_ino
        ended = self.pods.run(BUILD, "build-0-lost", 0, meanwhile=take_over)
        self.check("it ends with 2", ended.code == 2 and "has taken it over" in ended.log, ended.log)
        self.check("and publishes nothing", index.stat().st_ino == before)
        again = self.pods.run(BUILD, "build-0-c", 0)
        self.check("the next pod completes the part", again.code == 0, again.log)

    def merge(self) -> None:
        say("The merge")
        merged = self.pods.run(MERGE, "merge-a")
        self.check("it ends with 1, for the two broken pictures", merged.code == 1, merged.log)
        self.check("and names them", "text.png" in merged.log and "half.png" in merged.log, merged.log)
        self.check_store()

    def run_again(self) -> None:
        say("Everything again, with ALLOW_SKIPS=yes")
        for index in range(PARTS):
            ended = self.pods.run(BUILD, f"build-{index}-z", index)
            self.check(f"index {index} computes nothing", ended.code == 0 and ": 0 new, " in ended.log, ended.log)
        merged = self.pods.run(MERGE, "merge-b", settings={"ALLOW_SKIPS": "yes"})
        self.check("the merge takes in nothing", "; 0 features came in" in merged.log, merged.log)
        self.check("and ends with 0", merged.code == 0, merged.log)
        self.check_store()
        left = [path.name for path in self.output.rglob("*") if ".incoming." in path.name or ".outgoing" in path.name]
        self.check("no half-written store is left", not left, str(left))

    def check_store(self) -> None:
        arguments = [str(self.program), "compare", str(self.alone), str(self.output / "features.fcstore")]
        compared = subprocess.run(arguments, capture_output=True, text=True)
        self.check("the store is the same as that of one machine", compared.returncode == 0, compared.stdout)


def main() -> int:
    program = shutil.which(os.environ.get("FINETUNER_CACHE_PROGRAM") or "finetuner-cache")
    if program is None:
        print("error: finetuner-cache is not on the path. Set FINETUNER_CACHE_PROGRAM to it.", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as work:
            ManifestTest(Path(work), Path(program).resolve()).run()
    except TimeoutError as error:
        say(f"FAILED: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    if Checks.failures:
        say(f"{Checks.failures} checks FAILED")
        return 1
    say(f"passed in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
