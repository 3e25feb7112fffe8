// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "dataset-benchmark",
    dependencies: [.package(name: "finetuner-cache", path: "../../..")],
    targets: [
        .executableTarget(
            name: "DatasetBenchmark",
            dependencies: [.product(name: "FinetunerCache", package: "finetuner-cache")])
    ],
    swiftLanguageModes: [.v6]
)
