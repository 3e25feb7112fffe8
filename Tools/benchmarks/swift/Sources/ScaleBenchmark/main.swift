// The measured half of Tools/benchmarks/scale that is no command of finetuner-cache:
//
//     ScaleBenchmark write STORE COUNT DIMENSION SHARD SHARDS      a part of COUNT synthetic pictures, SHARD from 0
//     ScaleBenchmark epoch STORE THREADS                           1, or any other number for all processors
//     ScaleBenchmark query STORE COUNT DIMENSION exact|hnsw QUERIES
//
// Each prints a name and a number a line: seconds, rows, and what else it measures.
import FeatureStorage
import Foundation
import Pipeline
import Tensors

func main(_ arguments: [String]) throws {
    let usage = InputError("arguments", "are not write, epoch or query with what they need; see main.swift")
    guard arguments.count >= 3 else { throw usage }
    let benchmark = ScaleBenchmark(path: arguments[1])
    let numbers = arguments[2...].map { Int($0) ?? 0 }
    switch (arguments[0], arguments.count) {
    case ("write", 6) where numbers[3] > 0 && (0..<numbers[3]).contains(numbers[2]):
        let pictures = SyntheticPictures(count: numbers[0], dimension: numbers[1])
        try benchmark.write(pictures, shard: numbers[2], of: numbers[3])
    case ("epoch", 3): try benchmark.epoch(threads: numbers[0])
    case ("query", 6):
        guard let index = IndexChoice(rawValue: arguments[4]) else { throw usage }
        let pictures = SyntheticPictures(count: numbers[0], dimension: numbers[1])
        try benchmark.query(index, pictures, queries: numbers[3])
    default: throw usage
    }
}

do { try main(Array(CommandLine.arguments.dropFirst())) } catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(2)
}
