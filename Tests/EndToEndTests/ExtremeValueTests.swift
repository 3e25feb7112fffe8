import Foundation
import Testing

@Suite("Options with values that nobody means")
struct ExtremeValueTests {
    private static let most = "\(Int.max)"

    @Test("are refused as wrong usage, or do what they can; nothing ends by a signal")
    func values() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        #expect(try world.program.run("index", "build", "--head", "none").status == 0)
        let (picture, train) = ("photos/class-0/0.bmp", ["train-head", "--output-dim", "8"])
        let runs: [(arguments: [String], status: Int32)] = [
            (["query", picture, "-k", Self.most], 0),
            (["query", picture, "--head", "none", "--index", "hnsw", "--effort", Self.most], 0),
            (["query", picture, "--min-score", "nan"], 64),
            (["neighbors", "--all", "-k", Self.most, "-o", "k.npy"], 2),
            (["neighbors", "--all", "--index", "hnsw", "--effort", Self.most, "-o", "k.npy"], 0),
            (["index", "check", "--head", "none", "-k", Self.most], 64),
            (["index", "check", "--head", "none", "--effort", Self.most], 0),
            (["index", "check", "--head", "none", "--fail-under", "nan"], 64),
            (train + ["--items-per-class", Self.most], 64), (train + ["--epochs", Self.most], 64),
            (train + ["--baseline", "nan"], 64),
            (["build", "photos", "--weights", "net.safetensors", "--store", "/proc/self/x"], 2),
            (["serve", "--host", "999.1.1.1", "--port", "0", "--token", "0123456789abcdef"], 2),
        ]
        for (arguments, status) in runs {
            let run = try world.program.run(arguments)
            #expect(run.reason == .exit && run.status == status, "\(arguments): \(run.status) \(run.messages)")
            #expect(!run.messages.contains("Fatal error"), "\(arguments): \(run.messages)")
            #expect(status != 2 || run.messages.contains("error: "), "\(arguments): \(run.messages)")
        }
    }

    @Test("Scored pairs take no layers, hold nothing out when told to, and refuse what says nothing of them")
    func scoredPairs() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let rows = (0..<40).map { number in
            let (first, second) = (number % 4, number / 4 % 4)
            return
                "photos/class-\(first)/\(number % 12).bmp,photos/class-\(second)/\((number + 1) % 12).bmp,\(first == second ? 1 : 0)"
        }
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: world.program.path("pairs.csv")))
        let train = [
            "train-head", "--output-dim", "8", "--pairs", "pairs.csv", "--epochs", "1", "--replace", "--name", "p",
        ]
        let flat = try world.program.run(train + ["--layers", "0"])
        #expect(flat.status == 0, "\(flat.messages)")
        let whole = try world.program.run(train + ["--validation", "none"])
        #expect(whole.status == 0 && whole.output.contains("40 pairs") && !whole.output.contains("Spearman"))
        for other in [["--monitor", "mrr"], ["--memory", "1G"], ["--validation", "classes"], ["--examples", "3"]] {
            let run = try world.program.run(train + other)
            #expect(run.status == 2 && run.messages.contains("says nothing of scored pairs"), "\(run.messages)")
        }
    }
}
