import ArgumentParser
import Foundation
import Tensors

@main
struct FinetunerCache: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetuner-cache",
        abstract: "Run a frozen CNN once, train a projection head many times, find nearest pictures.",
        discussion: """
            finetuner-cache build photos/                  photos/<label>/<picture> -> features.fcstore
            finetuner-cache train-head --output-dim 512    a 3-layer head on the stored features
            finetuner-cache query photos/cat/1.jpg -k 10   the nearest pictures

            Every option has a twin in the environment: FTC_BATCH_SIZE=8 for --batch-size 8 of any command, \
            FTC_TRAIN_HEAD_BATCH_SIZE=64 for that of train-head; and in the file of --config. The command line counts first, then the \
            environment, then the file.

            Exit codes: 0 done; 1 done, but with skipped pictures, or compared and different, or verified and damaged,
            or repaired with losses, or evaluated or an index checked and below --fail-under; 2 error; 64 wrong usage;
            130 interrupted, and what was committed is kept: the same command goes on from there, train-head with --name
            and --resume.
            """,
        version: "0.1.0",
        subcommands: [
            Build.self, Import.self, TrainHead.self, Losses.self, Query.self, Serve.self, Embed.self, Duplicates.self,
            Neighbors.self,
            Index.self,
            Evaluate.self, Report.self, Export.self, Inspect.self, Compare.self,
            Merge.self, Remove.self, GC.self, Verify.self, Repair.self, Layers.self, Models.self,
        ])

    /// Runs the command and maps what goes wrong to the documented exit codes.
    static func main() {
        OpenFileLimit.raise()
        do {
            var command = try parseAsRoot(
                OptionDefaults.expanding(
                    Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment,
                    of: CommandOutline.of(self), warn: Console.warning))
            try command.run()
            // What could not be written, to a full disk for example, shows when the last of it is flushed.
            guard fflush(nil) == 0 else {
                throw InputError("output", "cannot be written: \(InputError.systemReason)")
            }
        } catch let error as InputError {
            Console.error(error.description)
            Foundation.exit(ExitCode.error.rawValue)
        } catch {
            // What neither the parser nor a command says: of the system or a library, in their words.
            if !(error is ExitCode), exitCode(for: error) == .failure {
                Console.error("\(error)")
                Foundation.exit(ExitCode.error.rawValue)
            }
            exit(withError: error)
        }
    }
}

extension ExitCode {
    /// Done, but pictures were skipped.
    static let skipped = ExitCode(1)
    /// The command could not do its work.
    static let error = ExitCode(2)
    /// Stopped by a signal; running the same command again goes on.
    static let interrupted = ExitCode(130)
}
