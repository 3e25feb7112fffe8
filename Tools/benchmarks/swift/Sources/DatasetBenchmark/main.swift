// The measured half of Tools/benchmarks/dataset.
//
//     DatasetBenchmark make STORE ROWS DIMENSION CLASSES
//     DatasetBenchmark train STORE MEMORY SEED EPOCHS OUTPUT-DIMENSION HELD-OUT
//
// `make` writes a store of made-up features in clusters; `train` trains a head and answers on standard output with one
// `name value` a line.
import FeatureStorage
import Foundation
import Pipeline
import Tensors

/// Features like a ReLU's: about half zeros. Every class has a center, and every feature more noise than center, so that
/// there is something to learn.
struct Clusters {
    let dimension: Int
    private let centers: [[Float]]
    private let noise: [Float]

    init(classes: Int, dimension: Int) {
        self.dimension = dimension
        var generator = SeededGenerator(seed: 1)
        centers = (0..<classes).map { _ in (0..<dimension).map { _ in generator.uniform(-1, 1) } }
        // Each value of a long list of normal noise is used many times, from another start.
        noise = (0..<1 << 20).map { _ in (0..<6).reduce(Float(0)) { sum, _ in sum + generator.uniform(-1, 1) } }
    }

    func feature(of label: Int, _ generator: inout SeededGenerator) -> [Float] {
        let start = generator.index(below: noise.count - 2 * dimension)
        let shift = generator.index(below: dimension)
        let scale = generator.uniform(2, 5)
        let center = centers[label]
        return (0..<dimension).map { max(0, center[$0] + scale * noise[start + ($0 + shift) % dimension]) }
    }
}

func make(_ path: String, rows: Int, dimension: Int, classes: Int) throws {
    let space = FeatureSpace(name: "benchmark", fields: ["made": "up"], dimension: dimension)
    var writer = try FeatureStoreWriter(path: path, space: space)
    let clusters = Clusters(classes: classes, dimension: dimension)
    var generator = SeededGenerator(seed: 2)
    for row in 0..<rows {
        let label = generator.index(below: classes)
        // As long as paths are.
        let file = "/data/benchmark/pictures/class-\(label)/picture-\(row).jpg"
        let entry = PictureEntry(
            path: file, label: "class-\(label)", content: Fingerprint(of: Data(file.utf8)), size: 1, modified: 1,
            root: "/data/benchmark/pictures")
        try writer.append(feature: clusters.feature(of: label, &generator)[...], of: entry)
    }
    try writer.finish()
}

/// A figure of /proc/self/status in bytes.
func status(_ name: String) throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
    guard let kilobytes else { throw InputError("/proc/self/status", "does not say \(name)") }
    return kilobytes * 1024
}

func train(_ path: String, memory: MemoryBudget, numbers: [Int]) throws {
    let store = try FeatureStore(path: path)
    let started = ContinuousClock.now
    let dataset = try FeatureDataset(store: store, space: try store.space(matching: nil))
    print("listing-peak", try status("VmHWM"))
    var settings = HeadTrainer.Settings(outputDimension: numbers[2])
    (settings.seed, settings.epochs, settings.memory) = (UInt64(numbers[0]), numbers[1], memory.bytes)
    settings.heldOutFraction = Double(numbers[3]) / 1000
    // All epochs, and their result whatever it is: what is compared is where the features were.
    (settings.head, settings.validation, settings.patience, settings.keepsTrained) = (.plain, .items, nil, true)
    var (first, last, steps) = (ContinuousClock.now, ContinuousClock.now, 0)
    let result = try HeadTrainer(settings).train(dataset, announce: { print("note", $0) }) { progress in
        last = ContinuousClock.now
        if steps == 0 { first = last }
        steps += 1
    }
    let (loop, whole) = ((last - first) / .seconds(1), (ContinuousClock.now - started) / .seconds(1))
    print("samples-per-second", Double((steps - 1) * result.batchSize) / loop)
    print("loop-seconds", loop)
    print("whole-seconds", whole)
    print("steps", steps)
    print("left-out", result.leftOut)
    print("before", result.before?.meanAveragePrecisionAtR ?? .nan)
    print("after", result.after?.meanAveragePrecisionAtR ?? .nan)
    print("judged", (result.before?.queries ?? 0) + (result.before?.loneQueries ?? 0))
    print("peak", try status("VmHWM"))
}

func main(_ arguments: [String]) throws {
    switch (arguments.dropFirst().first, arguments.dropFirst(3).compactMap { Int($0) }) {
    case ("make", let numbers) where numbers.count == 3 && arguments.count == 6:
        try make(arguments[2], rows: numbers[0], dimension: numbers[1], classes: numbers[2])
    case ("train", _) where arguments.count == 8:
        let numbers = arguments.dropFirst(4).compactMap { Int($0) }
        guard numbers.count == 4 else { fallthrough }
        try train(arguments[2], memory: try MemoryBudget(arguments[3]), numbers: numbers)
    default: throw InputError("arguments", "are neither those of make nor those of train")
    }
}

do { try main(CommandLine.arguments) } catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(2)
}
