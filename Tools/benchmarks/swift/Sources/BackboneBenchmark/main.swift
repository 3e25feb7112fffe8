// The measured half of Tools/benchmarks/backbone: runs a backbone when the script says so, and answers on standard output.
//
//     BackboneBenchmark WEIGHTS INPUT.npy BATCH-SIZE THREADS PRECISION
//
// calibrates on the input where the precision is int8, answers `ready SECONDS FIRST WEIGHTS ACTIVATIONS` (compiling, first features, bytes), then for each line on standard
// input: `run PASSES` with `seconds S`, `features FILE` with `written`, until the input ends.
import Backbones
import Foundation
import ModelGraph
import Tensors

func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}

func answer(_ words: Any...) {
    FileHandle.standardOutput.write(Data((words.map { "\($0)" }.joined(separator: " ") + "\n").utf8))
}

func pictures(at path: String) throws -> Tensor4 {
    let array = try NumPyFile.decode(try Data(contentsOf: URL(fileURLWithPath: path)))
    guard array.shape.count == 4 else { throw InputError(path, "has the shape \(array.shape), not four dimensions") }
    return Tensor4(
        count: array.shape[0], channels: array.shape[1], height: array.shape[2], width: array.shape[3],
        elements: array.elements)
}

func main(_ arguments: [String]) throws {
    guard arguments.count == 6, let precision = Precision(rawValue: arguments[5]), let batchSize = Int(arguments[3]),
        let threads = Int(arguments[4]), batchSize > 0,
        threads > 0
    else { throw InputError("arguments", "are not WEIGHTS INPUT.npy BATCH-SIZE THREADS PRECISION") }
    let batch = try pictures(at: arguments[2])
    let graph = try Tailor(try ModelGraph(weights: try WeightsFile(path: arguments[1]))).cut().graph
    var calibration: Calibration?
    if precision == .int8 {
        let calibrator = try Calibrator(
            graph: graph, height: batch.height, width: batch.width, batchSize: batchSize, threads: threads)
        try calibrator.observe(batch)
        calibration = calibrator.calibration()
    }
    var compiled: OneDNNBackbone?
    let compiling = try seconds {
        compiled = try OneDNNBackbone(
            graph: graph, height: batch.height, width: batch.width, precision: precision, calibration: calibration,
            batchSize: batchSize, threads: threads)
    }
    guard let backbone = compiled else { return }
    let first = try seconds { _ = try backbone.features(of: batch) }
    let memory = backbone.memoryFootprint
    answer("ready", compiling, first, memory.weights, memory.activations)
    while let line = readLine() {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        if words.count == 2, words[0] == "run", let passes = Int(words[1]) {
            answer("seconds", try seconds { for _ in 0..<passes { _ = try backbone.features(of: batch) } })
        } else if words.count == 2, words[0] == "features" {
            try NumPyFile.encode(try backbone.features(of: batch)).write(to: URL(fileURLWithPath: words[1]))
            answer("written")
        } else {
            throw InputError("command '\(line)'", "is not known")
        }
    }
}

do { try main(CommandLine.arguments) } catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(2)
}
