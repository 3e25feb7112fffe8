// The measured half of Tools/benchmarks/store: writes and reads stores when the script says so, and answers on standard
// output.
//
//     StoreBenchmark FEATURES.f32 DIMENSION FOLDER
//
// answers `ready TYPE…` (the row types that there are), then for each line on standard input, until the input ends:
// `write TYPE ROWS` with `seconds S PATH`, `read TYPE PATTERN THREADS SEED ROWS` with `seconds S`, `check TYPE` with
// `difference D`, the largest relative to the largest feature.
import FeatureStorage
import Foundation
import Tensors

func answer(_ words: Any...) {
    FileHandle.standardOutput.write(Data((words.map { "\($0)" }.joined(separator: " ") + "\n").utf8))
}

func main(_ arguments: [String]) throws {
    guard arguments.count == 4, let dimension = Int(arguments[2]), dimension > 0 else {
        throw InputError("arguments", "are not FEATURES.f32 DIMENSION FOLDER")
    }
    let input = try FeatureFile(path: arguments[1], dimension: dimension)
    answer((["ready"] + RowType.allCases.map(\.rawValue)).joined(separator: " "))
    while let line = readLine() {
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 1, let type = RowType(rawValue: words[1]) else {
            throw InputError("command '\(line)'", "is not known")
        }
        let benchmark = StoreBenchmark(input: input, type: type, folder: arguments[3])
        let numbers = words[2...].compactMap(Int.init)
        switch (words[0], numbers.count) {
        case ("write", 1): answer("seconds", try benchmark.write(rows: numbers[0]), benchmark.path)
        case ("check", 0): answer("difference", try benchmark.largestDifference())
        case ("read", 3):
            answer(
                "seconds",
                try benchmark.read(words[2], threads: numbers[0], seed: UInt64(numbers[1]), rows: numbers[2]))
        default: throw InputError("command '\(line)'", "is not known")
        }
    }
}

do { try main(CommandLine.arguments) } catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(2)
}
