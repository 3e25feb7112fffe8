import Foundation
import Pipeline
import Tensors

func queries(_ path: String) throws -> Matrix {
    let array = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: path)))
    return Matrix(rows: array.shape[0], columns: array.shape[1], elements: array.elements)
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "make":
    guard let count = Int(arguments[2]), let dimension = Int(arguments[3]) else {
        fatalError("make STORE COUNT DIMENSION")
    }
    print("seconds", try SyntheticStore(path: arguments[1], dimension: dimension).make(count: count))
case "build":
    try SearchBenchmark(path: arguments[1]).build(links: Int(arguments[2]) ?? 16, effort: Int(arguments[3]) ?? 200)
case "latency":
    try SearchBenchmark(path: arguments[1]).latency(
        IndexChoice(rawValue: arguments[2]) ?? .auto, queries: queries(arguments[3]), k: Int(arguments[4]) ?? 10,
        effort: Int(arguments[5]) ?? 100)
case "exact":
    try SearchBenchmark(path: arguments[1]).exact(
        bytes: arguments[2] == "u8", queries: queries(arguments[3]), k: Int(arguments[4]) ?? 10, to: arguments[5])
case "graph":
    try SearchBenchmark(path: arguments[1]).graph(
        queries: queries(arguments[2]), k: Int(arguments[3]) ?? 10, efforts: arguments[5...].compactMap { Int($0) },
        to: arguments[4])
default: fatalError("make, build, latency, exact or graph")
}
