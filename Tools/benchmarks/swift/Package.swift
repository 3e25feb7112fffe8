// swift-tools-version:6.1
import PackageDescription

// Our side of every benchmark, in one package: the library is built once for all of them.
let library = Target.Dependency.product(name: "FinetunerCache", package: "finetuner-cache")
let benchmarks = ["Backbone", "Dataset", "Scale", "Search", "Store", "TrainHead"]

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "finetuner-cache", path: "../../..")],
    targets: [.target(name: "Measuring", dependencies: [library])]
        + benchmarks.map { .executableTarget(name: "\($0)Benchmark", dependencies: [library, "Measuring"]) },
    swiftLanguageModes: [.v6]
)
